import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { payloadOf } from './support/forgery.ts';
import type { Row } from './wire/row.ts';
import { tables } from './wire/tables.ts';
import { startWorld, type Answer, type World } from './wire/world.ts';

const oneShape = { errors: [{ code: expect.any(String), message: expect.any(String) }] };

/** What differs from one answer to the next. */
const fleeting = new Set(['date', 'x-request-id', 'connection', 'keep-alive']);

function lasting({ status, headers }: Answer) {
  return {
    status,
    headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !fleeting.has(name))),
  };
}

function title({ rule, ask, it }: Row): string {
  return `${rule === undefined ? '' : `rule ${rule}: `}${ask[0]} ${it}`;
}

function checkBody(
  { is: [, code], ask, text: expected, claims }: Row,
  { status, headers, text }: Answer,
): void {
  if (status >= 400 && ask[0] !== 'HEAD') {
    expect(headers['content-type']).toBe('application/json');
    expect(JSON.parse(text)).toMatchObject(oneShape);
  }
  if (code !== undefined) expect(JSON.parse(text).errors[0].code).toBe(code);
  if (typeof expected === 'string') expect(text).toBe(expected);
  else if (expected !== undefined) expect(text).toMatch(expected);
  if (claims !== undefined) expect(claimsOf(text)).toMatchObject(claims);
}

function claimsOf(text: string): Record<string, unknown> {
  const { token } = JSON.parse(text) as { token: string };
  const header = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as object;
  return { ...header, ...payloadOf(token) };
}

function checkHeaders({ answers = {} }: Row, { headers }: Answer, world: World): void {
  for (const [name, expected] of Object.entries(answers)) {
    const actual = headers[name];
    if (expected === null) expect(actual, name).toBeUndefined();
    else if (expected instanceof RegExp) expect(actual, name).toMatch(expected);
    else expect(actual, name).toBe(world.fill(expected));
  }
}

function keep({ keeps = {}, keepsField = {} }: Row, { headers, text }: Answer, world: World): void {
  for (const [name, header] of Object.entries(keeps)) world.keep(name, headers[header] ?? '');
  for (const [name, field] of Object.entries(keepsField)) {
    world.keep(name, String((JSON.parse(text) as Record<string, unknown>)[field]));
  }
}

/** The answer that the row is about: of a crowd, one that is not as it should be where all have to be. */
async function answerTo(row: Row, world: World): Promise<Answer> {
  const { size, answered } = row.crowd ?? { size: 1, answered: 'all' };
  const answers = await Promise.all(Array.from({ length: size }, () => world.send(row)));
  const chosen = answers.find(({ status }) => (status === row.is[0]) === (answered === 'one'));
  return chosen ?? answers[0]!;
}

describe.each(tables.map((table) => [table.name, table] as const))('on the wire: %s', (_, table) => {
  let world: World;

  beforeAll(async () => {
    world = await startWorld(table);
  });

  afterAll(() => world.remove());

  test.each(table.rows.map((row) => [title(row), row] as const))('%s', async (_, row) => {
    const answer = await answerTo(row, world);
    expect({ status: answer.status, text: answer.text }).toMatchObject({ status: row.is[0] });
    checkBody(row, answer);
    checkHeaders(row, answer, world);
    if (row.mirrorsGet === true) {
      expect(answer.text).toBe('');
      const got = await world.send({ ...row, ask: ['GET', row.ask[1]] });
      expect(lasting(answer)).toEqual(lasting(got));
    }
    keep(row, answer, world);
  });
});

const rows = tables.flatMap((table) => table.rows);

test('the tables have 300 rows', () => {
  expect(rows.length).toBeGreaterThanOrEqual(300);
});

test('each error code of the specification has a row', () => {
  const codes = new Set(rows.map(({ is }) => is[1]));
  expect(specified.filter((code) => !codes.has(code))).toEqual([]);
});

/** OCI distribution specification, "Error Codes", but `BLOB_UPLOAD_INVALID`, which takes two writers at one moment. */
const specified = [
  'BLOB_UNKNOWN',
  'BLOB_UPLOAD_UNKNOWN',
  'DIGEST_INVALID',
  'MANIFEST_BLOB_UNKNOWN',
  'MANIFEST_INVALID',
  'MANIFEST_UNKNOWN',
  'NAME_INVALID',
  'NAME_UNKNOWN',
  'SIZE_INVALID',
  'UNAUTHORIZED',
  'DENIED',
  'UNSUPPORTED',
  'TOOMANYREQUESTS',
];
