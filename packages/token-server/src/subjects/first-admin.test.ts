import { afterEach, beforeEach, expect, test } from 'vitest';
import { createPasswordHasher } from '../credentials/password-hash.ts';
import { basic, openServer, type OpenServer } from '../testing/server.ts';
import { ensureAdmin } from './first-admin.ts';
import { insertRobot } from './robots.ts';

let opened: OpenServer;
const hasher = createPasswordHasher();

beforeEach(async () => {
  opened = await openServer();
});

afterEach(() => opened.close());

const first = (password?: string) => ensureAdmin({ database: opened.database, hasher, password });

test('where there is no account, an administrator is made, with a random password', async () => {
  const made = await first();
  expect(made).toEqual({ name: 'admin', password: expect.stringMatching(/^[0-9A-Za-z]{24}$/) });
  const authorization = basic('admin', made?.password ?? '');
  const actor = await opened.server.identify({ authorization, address: '', origin: '' });
  expect(actor).toMatchObject({ account: { name: 'admin' }, admin: true });
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
  const robot = { name: 'ci', pattern: '**', createdBy: 'test' };
  await opened.database.transaction((trx) => insertRobot(trx, robot));
  expect(await first()).toBeUndefined();
});
