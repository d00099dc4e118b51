import { afterEach, beforeEach, expect, test } from 'vitest';
import { openWorld, type World } from '../testing/world.ts';
import { ensureAdmin } from './first-admin.ts';

let world: World;

beforeEach(async () => {
  world = await openWorld();
});

afterEach(() => world.close());

const first = (password?: string) =>
  ensureAdmin({ database: world.database, hasher: world.hasher, password });

test('where there is no account, an administrator is made, with a random password', async () => {
  const made = await first();
  expect(made).toEqual({ name: 'admin', password: expect.stringMatching(/^[0-9A-Za-z]{24}$/) });
  const identity = await world.login({ user: 'admin', secret: made?.password ?? '', address: '' });
  expect(identity).toMatchObject({ account: { name: 'admin' }, admin: true });
  expect(await first()).toBeUndefined();
});

test('or with the given one', async () => {
  expect(await first('given password')).toEqual({ name: 'admin', password: 'given password' });
  await expect(first('given password')).resolves.toBeUndefined();
});

test('not with one that nobody could have chosen', async () => {
  await expect(first('short')).rejects.toThrow(TypeError);
});

test('two at the same time make one', async () => {
  const made = await Promise.all([first(), first(), first()]);
  expect(made.filter((one) => one !== undefined).length).toBe(1);
});

test('where there is an account, none is made', async () => {
  await world.call(world.local, 'POST /robots', { body: { name: 'ci', pattern: '**' } });
  expect(await first()).toBeUndefined();
});
