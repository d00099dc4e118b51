import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { basic, imageType, password, sha256, startRegistry, type Registry } from './support/registry.ts';
import { config, layer, manifest, manifestOf, rows, uploads, type Row } from './wire.table.ts';

const oneShape = { errors: [{ code: expect.any(String), message: expect.any(String) }] };

describe('on the wire', () => {
  let registry: Registry;
  let bearer: string;

  const send = (row: Pick<Row, 'ask' | 'by' | 'type' | 'headers' | 'body'>) => {
    const [method, target] = row.ask;
    const authorization = row.by === 'password' ? basic({ user: 'admin', password }) : bearer;
    const type = row.type ?? (method === 'PUT' ? imageType : undefined);
    const headers = {
      ...(row.by !== 'nobody' && { authorization }),
      ...(type !== undefined && { 'content-type': type }),
      ...row.headers,
    };
    return fetch(`${registry.url}${target}`, {
      method,
      headers,
      ...(row.body !== undefined && { body: row.body }),
    });
  };

  beforeAll(async () => {
    registry = await startRegistry();
    bearer = `Bearer ${await registry.token(['repository:team/app:pull,push,delete', 'registry:catalog:*'])}`;
    for (const body of [config, layer])
      await send({ ask: ['POST', `${uploads}?digest=${sha256(body)}`], body });
    await send({ ask: ['PUT', manifestOf('1')], body: manifest });
  });

  afterAll(() => registry.remove());

  test.each(rows.map((row) => [`${row.ask[0]} ${row.it}`, row] as const))('%s', async (_, row) => {
    const [status, code] = row.is;
    const response = await send(row);
    const text = await response.text();
    expect({ status: response.status, text }).toMatchObject({ status });
    if (status >= 400 && row.ask[0] !== 'HEAD') {
      expect(response.headers.get('content-type')).toBe('application/json');
      expect(JSON.parse(text)).toMatchObject(oneShape);
    }
    if (code !== undefined) expect(JSON.parse(text).errors[0].code).toBe(code);
    if (typeof row.text === 'string') expect(text).toBe(row.text);
    else if (row.text !== undefined) expect(text).toMatch(row.text);
    for (const [name, expected] of Object.entries(row.answers ?? {})) {
      const actual = response.headers.get(name);
      if (expected instanceof RegExp) expect(actual).toMatch(expected);
      else expect(actual).toBe(expected);
    }
  });
});
