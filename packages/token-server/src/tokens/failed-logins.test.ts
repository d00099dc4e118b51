import type { Account } from '@berth/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hashSecret, makeSecret, randomBase62 } from '../credentials/secret.ts';
import { basic, openBench, type Bench } from '../testing/bench.ts';

/** What the audit has of credentials that are not good, or not any more, and that none of it is a secret. */
const address = '192.0.2.7';

let bench: Bench;
let alice: Account;

beforeEach(async () => {
  const otherServices = [{ name: 'elsewhere', keys: 'jwks' }] as const;
  bench = await openBench({ otherServices, client: () => ({ address, origin: '' }) });
  alice = await bench.addUser('alice');
});

afterEach(() => bench.close());

async function refreshToken(): Promise<string> {
  const query = 'offline_token=true';
  const answer = await fetch(`${bench.origin}/auth/token?${query}`, {
    headers: { authorization: basic('alice') },
  });
  return ((await answer.json()) as { refresh_token: string }).refresh_token;
}

async function refresh(secret: string, service = 'berth') {
  const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: secret, service });
  const answer = await fetch(`${bench.origin}/auth/token`, { method: 'POST', body });
  return { status: answer.status, body: await answer.text() };
}

const change = (values: { disabled?: number; epoch?: number }) =>
  bench.change((trx) => trx.updateTable('subject').set(values).where('id', '=', alice.id).execute());

const end = (secret: string) =>
  bench.change((trx) =>
    trx
      .updateTable('credential')
      .set({ expires_at: Date.now() - 1 })
      .where('secret_hash', '=', hashSecret(secret))
      .execute(),
  );

const remove = (secret: string) =>
  bench.change((trx) => trx.deleteFrom('credential').where('secret_hash', '=', hashSecret(secret)).execute());

const removeAlice = () =>
  bench.change((trx) => trx.deleteFrom('subject').where('id', '=', alice.id).execute());

/** All that waits is written. */
async function events() {
  await bench.server.close();
  return bench.database.reader.selectFrom('audit').selectAll().orderBy('id').execute();
}

const failed = { action: 'login', outcome: 'failed', address };
const unknown = { actor: 'anonymous', reason: 'there is no such refresh token', credential: null };

const bad: readonly [what: string, make: (secret: string) => Promise<unknown>, event: object][] = [
  ['after its end', end, { actor: 'alice', reason: 'the refresh token has ended' }],
  [
    'before a new password',
    () => change({ epoch: 1 }),
    { actor: 'alice', reason: 'the refresh token is older than the password' },
  ],
  [
    'of a disabled account',
    () => change({ disabled: 1 }),
    { actor: 'alice', reason: 'the account of the refresh token is disabled' },
  ],
  ['of a deleted account', removeAlice, unknown],
  ['that was removed', remove, unknown],
];

test.each(bad)('a refresh token %s is a failed login', async (_, make, event) => {
  const secret = await refreshToken();
  expect((await refresh(secret)).status).toBe(200);
  await make(secret);
  const answer = await refresh(secret);
  expect(answer).toEqual(await refresh(`brr_${randomBase62(43)}`));
  expect(answer.status).toBe(401);
  const rows = await events();
  expect(rows).toMatchObject([
    { ...failed, ...event },
    { ...failed, ...unknown },
  ]);
  expect(JSON.stringify(rows)).not.toMatch(/br[rt]_/);
});

test('so is one of another service, and what is no refresh token at all', async () => {
  const secret = await refreshToken();
  const { secret: personal } = await bench.addToken(alice);
  const others = [personal, 'a password in the wrong field', '*'.repeat(20_000)];
  expect((await refresh(secret, 'elsewhere')).status).toBe(401);
  for (const each of others) expect((await refresh(each)).status).toBe(401);
  const rows = await events();
  const elsewhere = { ...failed, actor: 'alice', reason: 'the refresh token is for another service' };
  expect(rows).toMatchObject([elsewhere, ...others.map(() => ({ ...failed, ...unknown }))]);
  for (const each of [secret, ...others]) expect(JSON.stringify(rows)).not.toContain(each);
});

test('guesses of refresh tokens, and one that has ended, fill nothing: beyond the limit they are counted', async () => {
  const secret = await refreshToken();
  await end(secret);
  for (let count = 0; count < 250; count += 1) {
    await Promise.all([refresh(secret), refresh(`brr_${randomBase62(43)}`)]);
  }
  const rows = await events();
  expect(rows.filter(({ action }) => action === 'login').length).toBe(300);
  expect(rows.filter(({ action }) => action !== 'login')).toMatchObject([
    { action: 'audit.drop', actor: 'local', address, after: '{"count":200}' },
  ]);
});

test('a personal access token that is good no more is told by its id, and one that is gone by the name that was tried', async () => {
  const ended = await bench.addToken(alice, { expiresAt: Date.now() - 1 });
  const good = await bench.addToken(alice);
  const gone = await bench.addToken(alice);
  await remove(gone.secret);
  const ask = async (secret: string) =>
    (await fetch(`${bench.origin}/auth/token`, { headers: { authorization: basic('bob', secret) } })).status;
  expect([await ask(ended.secret), await ask(gone.secret), await ask(makeSecret())]).toEqual([401, 401, 401]);
  await change({ disabled: 1 });
  expect(await ask(good.secret)).toBe(401);
  const wrong = { ...failed, actor: 'bob', credential: null, reason: 'wrong credentials (personal-token)' };
  expect(await events()).toMatchObject([
    { ...failed, actor: 'alice', credential: ended.id, reason: 'the personal access token has ended' },
    wrong,
    wrong,
    {
      ...failed,
      actor: 'alice',
      credential: good.id,
      reason: 'the account of the personal access token is disabled',
    },
  ]);
});

test('a token for the registry whose credential is gone is no login: it is refused, and not recorded', async () => {
  const { secret } = await bench.addToken(alice);
  const authorization = `Bearer ${await bench.token(basic('alice', secret))}`;
  expect((await bench.access(authorization)).account).toMatchObject({ name: 'alice' });
  await remove(secret);
  await expect(bench.access(authorization)).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  expect(await events()).toEqual([]);
});
