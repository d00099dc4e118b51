import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeSecret } from '../credentials/secret.ts';
import { basic, openBench, type Bench } from '../testing/bench.ts';
import { cpuTime } from '@berth/protocol/testing';

let bench: Bench;

beforeEach(async () => {
  bench = await openBench({ client: ({ headers }) => ({ address: String(headers['x-from']), origin: '' }) });
});

afterEach(() => bench.close());

const home = '192.0.2.7';
const away = '198.51.100.1';

/** Status, body and `Retry-After`, as this address is answered. */
async function tokenEndpoint(authorization: string, address: string) {
  const headers = { authorization, 'x-from': address };
  const answer = await fetch(`${bench.origin}/auth/token`, { headers });
  const { status } = answer;
  return { status, wait: answer.headers.get('retry-after'), body: status === 200 ? '' : await answer.text() };
}

/** What the two doors without a route of their own answer. */
async function thrown(work: Promise<unknown>) {
  return work.then(
    () => ({ status: 200 }),
    ({ status, headers }: { status: number; headers: Record<string, string> }) => ({ status, headers }),
  );
}

const preemptive = (authorization: string, address: string) =>
  thrown(bench.server.accessControl.authenticate({ authorization, address, origin: bench.origin }, []));

const administration = (authorization: string, address: string) =>
  thrown(bench.server.identify({ authorization, address, origin: bench.origin }));

async function guess(user: string, count: number, address = home) {
  const answers = [];
  for (let index = 0; index < count; index += 1) {
    answers.push(await tokenEndpoint(basic(user, `guess ${index}`), address));
  }
  return answers;
}

test('security 20: guesses at one door close all three to this address and account, and to nobody else', async () => {
  await bench.addUser('alice');
  await bench.addUser('bob');
  const answers = await guess('alice', 12);
  expect(answers.map(({ status }) => status)).toEqual([...Array<number>(10).fill(401), 429, 429]);

  const right = basic('alice');
  const refused = await tokenEndpoint(right, home);
  expect(refused).toMatchObject({ status: 429, wait: expect.stringMatching(/^[1-9]\d{0,2}$/) });
  expect(refused.body).toContain('TOOMANYREQUESTS');
  const headers = { 'Retry-After': expect.stringMatching(/^[1-9]\d{0,2}$/) };
  expect(await preemptive(right, home)).toEqual({ status: 429, headers });
  expect(await administration(right, home)).toEqual({ status: 429, headers });

  for (const door of [tokenEndpoint, preemptive, administration]) {
    expect(await door(right, away)).toMatchObject({ status: 200 });
    expect(await door(basic('bob'), home)).toMatchObject({ status: 200 });
  }
  expect(await preemptive(right, home), 'remembered by now, and no oracle').toMatchObject({ status: 429 });
});

test('security 18: a known, a disabled and an unknown account are told the same, byte for byte', async () => {
  const { id } = await bench.addUser('disabled');
  await bench.addUser('known');
  await bench.change((trx) => trx.updateTable('subject').set({ disabled: 1 }).where('id', '=', id).execute());
  const withoutTime = (answers: Awaited<ReturnType<typeof guess>>) =>
    answers.map(({ status, body }) => `${status} ${body}`);
  const known = withoutTime(await guess('known', 12));
  expect(known.at(-1)).toMatch(/^429 /);
  expect(withoutTime(await guess('disabled', 12))).toEqual(known);
  expect(withoutTime(await guess('unknown', 12))).toEqual(known);
});

test('security 19: of sixty guesses at once ten are compared, and all that follow cost nothing', async () => {
  await bench.addUser('alice');
  const three = await cpuTime(async () => {
    for (let count = 0; count < 3; count += 1) await preemptive(basic('nobody', 'x'), away);
  });
  let status: number[] = [];
  const all = await cpuTime(async () => {
    const guesses = Array.from({ length: 60 }, (_, index) =>
      preemptive(basic('alice', `guess ${index}`), home),
    );
    status = (await Promise.all(guesses)).map((answer) => answer.status);
  });
  expect(all, 'to compare sixty would take twenty times as long').toBeLessThan(10 * three);
  expect(status.filter((code) => code === 401).length).toBe(10);
  expect(status.filter((code) => code === 429).length).toBe(50);
  const later = await cpuTime(async () => {
    for (let count = 0; count < 140; count += 1)
      expect(await preemptive(basic('alice', `more ${count}`), home)).toMatchObject({ status: 429 });
  });
  expect(later).toBeLessThan(1000);
});

test('security 19: a personal access token passes wherever passwords must wait; guesses of one do not', async () => {
  const { secret } = await bench.addToken(await bench.addUser('alice'));
  await guess('alice', 11);
  expect(await tokenEndpoint(basic('alice', secret), home)).toMatchObject({ status: 200 });
  const answers = [];
  for (let index = 0; index < 120; index += 1) {
    answers.push(await preemptive(basic('alice', makeSecret()), home));
  }
  expect(answers.filter(({ status }) => status === 401).length).toBe(90);
  expect(answers.at(-1)).toMatchObject({ status: 429 });
  expect(await preemptive(basic('alice', secret), home)).toEqual({ status: 200 });
  expect(await preemptive(basic('', secret), home)).toEqual({ status: 200 });
});

test('a personal access token under the name of somebody else makes no address known for him', async () => {
  await bench.addUser('alice');
  const { secret } = await bench.addToken(await bench.addUser('mallory'));
  expect(await preemptive(basic('alice', secret), home)).toEqual({ status: 200 });
  for (let index = 0; index < 100; index += 1) await preemptive(basic('', makeSecret()), home);
  expect(await preemptive(basic('alice', 'a guess'), home)).toMatchObject({ status: 429 });
});

test('a remembered password never counts, and the audit has each failure and one row for the rest', async () => {
  await bench.addUser('alice');
  for (let count = 0; count < 50; count += 1) {
    expect(await preemptive(basic('alice'), home)).toEqual({ status: 200 });
  }
  await guess('alice', 40);
  await bench.server.close();
  const rows = await bench.database.reader
    .selectFrom('audit')
    .select(['outcome', 'actor', 'address', 'reason'])
    .where('action', '=', 'login')
    .execute();
  const who = { actor: 'alice', address: home };
  const failed = { ...who, outcome: 'failed', reason: 'wrong credentials (password)' };
  const refused = { ...who, outcome: 'denied', reason: 'too many failures: 30 logins were refused' };
  expect(rows).toEqual([...Array.from({ length: 10 }, () => failed), refused]);
});
