import { moveVersion } from '@berth/database';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { pruneAudit } from './audit-pruning.ts';
import type { TokenDatabase } from './database.ts';
import { openTemporary } from './testing/server.ts';

const now = Date.parse('2026-11-23T12:00:00Z');
const day = 86_400_000;

let database: TokenDatabase;
let remove: () => Promise<void>;

beforeEach(async () => {
  ({ database, remove } = await openTemporary());
});

afterEach(() => remove());

/** One event for each of the last `count` days. */
async function fill(count: number, step = day): Promise<void> {
  const rows = Array.from({ length: count }, (_, age) => ({
    at: now - age * step,
    action: 'login',
    outcome: 'failed',
    actor: 'alice',
  }));
  await database.transaction(async (trx) => {
    for (let from = 0; from < count; from += 1000) {
      await trx
        .insertInto('audit')
        .values(rows.slice(from, from + 1000))
        .execute();
    }
  });
}

async function ages(): Promise<number[]> {
  const rows = await database.reader.selectFrom('audit').select('at').orderBy('at', 'desc').execute();
  return rows.map(({ at }) => (now - at) / day);
}

test('what is older goes, and the rest stays', async () => {
  await fill(20);
  expect(await pruneAudit(database, { before: now - 9 * day })).toBe(10);
  expect(await ages()).toEqual([...Array(10).keys()]);
  expect(await pruneAudit(database, { before: now - 9 * day })).toBe(0);
});

test('very many go in small parts, between which others write', async () => {
  await fill(5000, 1);
  const waits: number[] = [];
  const end = new AbortController();
  const writer = async () => {
    while (!end.signal.aborted) {
      const start = performance.now();
      await database.transaction((trx) => moveVersion(trx, 'nothing'), { relaxed: true });
      waits.push(performance.now() - start);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const writing = writer();
  expect(await pruneAudit(database, { before: now + 1 })).toBe(5000);
  end.abort();
  await writing;
  expect(waits.length).toBeGreaterThan(20);
});

test('a stop ends it after the part that runs', async () => {
  await fill(5000, 1);
  const end = new AbortController();
  const pruning = pruneAudit(database, { before: now + 1, signal: end.signal });
  await new Promise((resolve) => setTimeout(resolve, 30));
  end.abort();
  const removed = await pruning;
  expect(removed).toBeGreaterThan(0);
  expect(removed).toBeLessThan(5000);
  expect((await ages()).length).toBe(5000 - removed);
});
