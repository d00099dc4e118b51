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

test('no address has two rows', () => {
  const addresses = world.routes.map(({ method, path }) => `${method} ${path.replaceAll(/:\w+/g, ':')}`);
  expect(new Set(addresses).size).toBe(addresses.length);
});
