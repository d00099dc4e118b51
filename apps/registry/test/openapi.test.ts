import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { auditWords } from '@berth/protocol';
import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadConfiguration } from '../src/config/index.ts';
import { silentLogger } from '../src/logging.ts';
import type { OpenApiDocument } from '../src/openapi/document.ts';
import { apiReference } from '../src/openapi/reference.ts';
import { adminRoutesOf, openParts } from '../src/parts.ts';
import { startRegistry, type Registry } from './support/registry.ts';

let registry: Registry;
let document: OpenApiDocument;

const address = () => `${registry.url}/api/v1/openapi.json`;

beforeAll(async () => {
  registry = await startRegistry();
  document = (await (await fetch(address())).json()) as OpenApiDocument;
});

afterAll(() => registry.remove());

async function routes() {
  const env = { REGISTRY_STORAGE: 'inmemory' };
  const { configuration } = loadConfiguration({ env, cwd: process.cwd(), systemPaths: [] });
  const parts = await openParts(configuration, silentLogger());
  await parts.close();
  return adminRoutesOf(parts);
}

describe('GET /api/v1/openapi.json', () => {
  test('needs no credentials', async () => {
    const answer = await fetch(address());
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json']);
  });

  test('knows GET and HEAD only', async () => {
    const answer = await fetch(address(), { method: 'POST' });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  test('is valid OpenAPI 3.1', async () => {
    const validator = new Validator();
    expect(await validator.validate({ ...document })).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
  });

  test('a document without a title would not be', async () => {
    const broken = { ...document, info: { version: '1' } };
    expect((await new Validator().validate(broken)).valid).toBe(false);
  });

  test('has every route, and nothing else but itself', async () => {
    const calls = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const rows = (await routes()).map(
      ({ method, path }) => `${method} ${path.replace(/[:*](\w+)/g, (_, name: string) => `{${name}}`)}`,
    );
    expect(rows.length).toBeGreaterThan(30);
    expect(calls.toSorted()).toEqual([...rows, 'GET /openapi.json'].toSorted());
  });

  test('names each call once, and each parameter of its path', () => {
    const calls = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.values(methods).map((operation) => ({ path, operation })),
    );
    const ids = calls.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { path, operation } of calls) {
      const named = (operation.parameters ?? []).filter(({ in: place }) => place === 'path');
      expect(named.map(({ name }) => `{${name}}`)).toEqual(path.match(/\{\w+\}/g) ?? []);
    }
  });

  test('says what a query and a body hold', () => {
    const { get, post } = document.paths['/grants']!;
    expect(get!.parameters!.map(({ name }) => name)).toEqual(['n', 'last', 'subject', 'repository']);
    expect(get!.parameters![0]).toMatchObject({
      in: 'query',
      required: false,
      schema: { type: 'integer', maximum: 1000 },
    });
    expect(post!.requestBody).toMatchObject({
      content: { 'application/json': { schema: { required: ['subject', 'repository'] } } },
    });
  });

  test('lists the actions of the audit', () => {
    const parameters = document.paths['/audit']!['get']!.parameters!;
    const { schema } = parameters.find(({ name }) => name === 'action')!;
    expect(schema).toEqual({ type: 'string', enum: auditWords, description: expect.any(String) });
  });
});

test('docs/api.md is what the routes say', () => {
  const file = resolve(import.meta.dirname, '../../../docs/api.md');
  expect(readFileSync(file, 'utf8')).toBe(apiReference(document));
});
