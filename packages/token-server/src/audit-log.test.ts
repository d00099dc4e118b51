import { afterEach, beforeEach, expect, test } from 'vitest';
import { createAuditLog, recordIn } from './audit-log.ts';
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
  await new Promise((resolve) => void setTimeout(resolve, 100));
  expect(await rows()).toMatchObject([
    { target: 'one', before: '{"a":1}', address: null },
    { target: 'two' },
  ]);
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

test('what cannot be written is kept and said, and never thrown', async () => {
  const said: string[] = [];
  const logger = { ...silent, error: (_: object, message: string) => void said.push(message) };
  const audit = createAuditLog({ database, logger, delay: 60_000 });
  await database.transaction((trx) => trx.schema.alterTable('audit').renameTo('away').execute());
  audit.record(event);
  await audit.flush();
  await database.transaction((trx) => trx.schema.alterTable('away').renameTo('audit').execute());
  await audit.close();
  expect(said).toEqual(['the audit log cannot be written']);
  expect((await rows()).length).toBe(1);
});
