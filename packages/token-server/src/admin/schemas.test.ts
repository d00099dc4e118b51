import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { openWorld, type World } from '../testing/world.ts';

let world: World;

beforeAll(async () => {
  world = await openWorld();
});

afterAll(() => world.close());

test('every schema has a form in JSON Schema, for the OpenAPI document', () => {
  for (const { body, query, response } of world.routes) {
    if (response !== undefined) expect(z.toJSONSchema(response, { io: 'output' })).toHaveProperty('$schema');
    for (const schema of [body, query]) {
      if (schema === undefined) continue;
      expect(z.toJSONSchema(schema, { io: 'input' })).toMatchObject({
        type: 'object',
        additionalProperties: false,
      });
    }
  }
});

test('whatever is sent has a size that it cannot exceed', () => {
  for (const { body, query, method, path } of world.routes) {
    for (const schema of [body, query]) {
      if (schema === undefined) continue;
      expect(unbounded(z.toJSONSchema(schema, { io: 'input' }) as JsonSchema), `${method} ${path}`).toEqual(
        [],
      );
    }
  }
});

interface JsonSchema {
  readonly type?: string;
  readonly enum?: unknown;
  readonly const?: unknown;
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
}

/** Paths of texts and lists without a limit. */
function unbounded(schema: JsonSchema, path = ''): string[] {
  const { type, items, anyOf = [], properties = {} } = schema;
  const chosen = schema.enum !== undefined || schema.const !== undefined;
  const endless =
    (type === 'string' && !chosen && schema.maxLength === undefined) ||
    (type === 'array' && schema.maxItems === undefined);
  return [
    ...(endless ? [path] : []),
    ...anyOf.flatMap((part) => unbounded(part, path)),
    ...Object.entries(properties).flatMap(([name, part]) => unbounded(part, `${path}.${name}`)),
    ...(items === undefined ? [] : unbounded(items, `${path}[]`)),
  ];
}

test('no address has two rows', () => {
  const addresses = world.routes.map(({ method, path }) => `${method} ${path.replaceAll(/:\w+/g, ':')}`);
  expect(new Set(addresses).size).toBe(addresses.length);
});
