import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Account } from '@berth/protocol';
import { removeEnded } from '../credentials/ended.ts';
import { openBench, type Bench } from '../testing/bench.ts';
import { createRefreshTokens, type RefreshTokens } from './refresh-tokens.ts';

let bench: Bench;
let tokens: RefreshTokens;
let alice: Account;

beforeEach(async () => {
  bench = await openBench();
  tokens = createRefreshTokens(bench.database);
  alice = await bench.addUser('alice');
});

afterEach(() => bench.close());

const count = async () =>
  (await bench.database.reader.selectFrom('credential').select('id').execute()).length;

/** A time of its own for each, as logins have. */
async function age(): Promise<void> {
  await bench.database.transaction((trx) =>
    trx
      .updateTable('credential')
      .set(({ eb }) => ({ created_at: eb('created_at', '-', 1) }))
      .execute(),
  );
}

test('an account has a hundred at one service: the oldest ends for a new one', async () => {
  const bob = await bench.addUser('bob');
  const others = [await tokens.make(alice, 0, 'another'), await tokens.make(bob, 0, 'berth')];
  const made: string[] = [];
  for (let index = 0; index < 102; index += 1) {
    await age();
    made.push(await tokens.make(alice, 0, 'berth'));
  }
  const good = await Promise.all(made.map((secret) => tokens.find(secret, 'berth')));
  expect(good.map((found) => 'uid' in found)).toEqual([false, false, ...Array(100).fill(true)]);
  expect(await tokens.find(others[0]!, 'another')).toHaveProperty('uid');
  expect(await tokens.find(others[1]!, 'berth')).toHaveProperty('uid');
});

test('one is good for 90 days, with the password that it was made with', async () => {
  const secret = await tokens.make(alice, 0, 'berth');
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 90 * 86_400_000 - 60_000 });
  try {
    expect(await tokens.find(secret, 'berth')).toMatchObject({ uid: alice.id });
    vi.setSystemTime(Date.now() + 60_000);
    expect(await tokens.find(secret, 'berth')).toEqual({
      bad: 'the refresh token has ended',
      owner: 'alice',
    });
  } finally {
    vi.useRealTimers();
  }
  expect(await tokens.find(secret, 'berth')).toHaveProperty('uid');
  await bench.change((trx) => trx.updateTable('subject').set({ epoch: 1 }).execute());
  expect(await tokens.find(secret, 'berth')).toHaveProperty('bad');
});

test('those of an older password, and those that ended, are removed; good ones stay', async () => {
  const bob = await bench.addUser('bob');
  await tokens.make(alice, 0, 'berth');
  const good = await tokens.make(bob, 0, 'berth');
  await bench.change((trx) =>
    trx.updateTable('subject').set({ epoch: 1 }).where('id', '=', alice.id).execute(),
  );
  expect(await removeEnded(bench.database)).toBe(1);
  expect(await tokens.find(good, 'berth')).toHaveProperty('uid');
  expect(await removeEnded(bench.database, Date.now() + 91 * 86_400_000)).toBe(1);
  expect(await count()).toBe(0);
});
