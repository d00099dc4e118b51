import { afterEach, beforeEach, expect, test } from 'vitest';
import { createAuditLog, recordIn } from './audit-log.ts';
import { makeSecret } from './credentials/secret.ts';
import type { TokenDatabase } from './database.ts';
import { openTemporary, silent } from './testing/server.ts';

let database: TokenDatabase;
let remove: () => Promise<void>;

beforeEach(async () => {
  ({ database, remove } = await openTemporary());
});

afterEach(() => remove());

const rows = () => database.reader.selectFrom('audit').selectAll().orderBy('id').execute();
const event = { action: 'login', outcome: 'failed', actor: 'alice' } as const;

test('events are written behind the request, in their order', async () => {
  const audit = createAuditLog({ database, logger: silent, delay: 5 });
  audit.record({ ...event, target: 'one', before: { a: 1 }, address: '' });
  audit.record({ ...event, target: 'two' });
  expect(await rows()).toEqual([]);
  await expect
    .poll(rows)
    .toMatchObject([{ target: 'one', before: '{"a":1}', address: null }, { target: 'two' }]);
  await audit.close();
});

test('nothing is lost at a stop, also of very many', async () => {
  const audit = createAuditLog({ database, logger: silent, delay: 60_000 });
  for (let count = 0; count < 1700; count += 1) audit.record({ ...event, target: String(count) });
  await audit.close();
  expect((await rows()).map(({ target }) => Number(target))).toEqual([...Array(1700).keys()]);
});

test('a change that is rolled back leaves no record', async () => {
  const work = database.transaction(async (trx) => {
    await recordIn(trx, { ...event, action: 'user.create', outcome: 'done' });
    throw new Error('no');
  });
  await expect(work).rejects.toThrow('no');
  expect(await rows()).toEqual([]);
});

/** The log cannot be written while `work` runs. */
async function whileBroken(work: () => Promise<void>): Promise<void> {
  await database.transaction((trx) => trx.schema.alterTable('audit').renameTo('away').execute());
  await work();
  await database.transaction((trx) => trx.schema.alterTable('away').renameTo('audit').execute());
}

test('what cannot be written is kept and said, never thrown, and tried again', async () => {
  const said: string[] = [];
  const logger = { ...silent, error: (_: object, message: string) => void said.push(message) };
  const audit = createAuditLog({ database, logger, delay: 60_000, retryDelay: 20 });
  await whileBroken(async () => {
    audit.record(event);
    await audit.flush();
  });
  await expect.poll(async () => (await rows()).length).toBe(1);
  expect(new Set(said)).toEqual(new Set(['the audit log cannot be written']));
  await audit.close();
});

test('beyond what is kept, events are counted and not kept; one row says how many', async () => {
  const audit = createAuditLog({ database, logger: silent, delay: 60_000, mostWaiting: 300 });
  for (let count = 0; count < 1000; count += 1) audit.record({ ...event, target: String(count) });
  await audit.flush();
  const written = await rows();
  expect(written.filter(({ action }) => action === 'login').map(({ target }) => Number(target))).toEqual([
    ...Array(300).keys(),
  ]);
  expect(written.filter(({ action }) => action !== 'login')).toMatchObject([
    { action: 'audit.drop', outcome: 'failed', actor: 'local', after: '{"count":700}' },
  ]);
  audit.record({ ...event, target: 'again' });
  await audit.close();
  expect((await rows()).at(-1)).toMatchObject({ target: 'again' });
});

test('many that wait are written in small parts, and others have their turn between them', async () => {
  const audit = createAuditLog({ database, logger: silent, delay: 60_000 });
  for (let count = 0; count < 10_000; count += 1) audit.record({ ...event, target: String(count) });
  let turns = 0;
  const count = () => void ((turns += 1), (timer = setImmediate(count)));
  let timer = setImmediate(count);
  await audit.close();
  clearImmediate(timer);
  expect((await rows()).length).toBe(10_000);
  expect(turns).toBeGreaterThan(20);
});

test('what looks like a secret is not written, wherever somebody pasted it', async () => {
  const audit = createAuditLog({ database, logger: silent });
  const pat = makeSecret();
  const jwt = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl';
  const hash = '$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA';
  const pasted = { target: `token ${pat}`, reason: `not ${jwt}`, repository: pat, before: { comment: hash } };
  audit.record({
    ...event,
    ...pasted,
    after: { name: `x${pat}`, list: ['brr_aaaaaaaaaaaaaaaaaaaaaaaaa', 'kept'] },
  });
  await audit.close();
  const [row] = await rows();
  expect(row).toMatchObject({
    target: 'token ***',
    reason: 'not ***',
    repository: '***',
    before: '{"comment":"***"}',
    after: '{"name":"x***","list":["***","kept"]}',
  });
});
