import { mkdtemp, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  checkDatabase,
  forgetLeases,
  leaseHeld,
  openDatabase,
  takeLease,
  type Database,
  type Migrations,
} from './index.ts';

interface Schema {
  account: { id: number; money: number; note: string };
}

const migrations: Migrations = {
  '0001-account': {
    async up(db) {
      await db.schema
        .createTable('account')
        .addColumn('id', 'integer', (column) => column.primaryKey())
        .addColumn('money', 'integer', (column) => column.notNull())
        .addColumn('note', 'text', (column) => column.notNull())
        .execute();
    },
  },
};

let folder: string;
let copy: string;
let database: Database<Schema>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'berth-database-'));
  copy = join(folder, 'copy.db');
  database = await openDatabase<Schema>(join(folder, 'berth.db'));
  await database.migrate('test', migrations);
  await database.transaction((trx) =>
    trx
      .insertInto('account')
      .values(Array.from({ length: 500 }, (_, id) => ({ id, money: 100, note: 'x'.repeat(2000) })))
      .execute(),
  );
});

afterEach(async () => {
  await database.close();
  await rm(folder, { recursive: true });
});

/** Money goes from one account to the next one, so that the sum never changes. */
async function trade(until: AbortSignal): Promise<number> {
  let deals = 0;
  for (; !until.aborted; deals += 1) {
    const from = deals % 500;
    await database.transaction(
      async (trx) => {
        const money = (sign: 1 | -1, id: number) =>
          trx
            .updateTable('account')
            .set((eb) => ({ money: eb('money', '+', sign) }))
            .where('id', '=', id)
            .execute();
        await money(-1, from);
        await money(1, (from + 1) % 500);
      },
      { relaxed: true },
    );
    await yieldToOthers();
  }
  return deals;
}

async function sumIn(file: string): Promise<number> {
  const opened = await openDatabase<Schema>(file);
  const { sum } = await opened.reader
    .selectFrom('account')
    .select((eb) => eb.fn.sum<number>('money').as('sum'))
    .executeTakeFirstOrThrow();
  await opened.close();
  return sum;
}

describe('a copy', () => {
  test('is of one moment, while others write', async () => {
    const end = new AbortController();
    const trading = trade(end.signal);
    for (let round = 0; round < 5; round += 1) {
      await database.copyTo(copy);
      checkDatabase(copy);
      expect(await sumIn(copy)).toBe(50_000);
    }
    end.abort();
    expect(await trading).toBeGreaterThan(5);
  });

  test('is private, and one file', async () => {
    await database.copyTo(copy);
    expect((await stat(copy)).mode & 0o777).toBe(0o600);
    expect((await readdir(folder)).filter((name) => name.startsWith('copy'))).toEqual(['copy.db']);
  });

  test('takes the place of another one with all that belongs to it', async () => {
    for (const end of ['', '-wal', '-shm'])
      await writeFile(`${copy}${end}`, 'left by somebody who was killed');
    await database.copyTo(copy);
    expect(await sumIn(copy)).toBe(50_000);
  });

  test('has the leases of the original until they are forgotten', async () => {
    const request = { name: 'work', owner: 'me', now: 1000, duration: 500 };
    await database.transaction((trx) => takeLease(trx, request));
    await database.copyTo(copy);
    const copied = await openDatabase(copy);
    expect(await leaseHeld(copied.reader, 'work', 1000)).toBe(true);
    await copied.transaction((trx) => forgetLeases(trx));
    expect(await leaseHeld(copied.reader, 'work', 1000)).toBe(false);
    await copied.close();
  });

  test('that was changed is one file again when it is closed, also where nothing was read', async () => {
    await database.copyTo(copy);
    const copied = await openDatabase<Schema>(copy);
    await copied.transaction((trx) => trx.deleteFrom('account').execute());
    await copied.close();
    expect((await readdir(folder)).filter((name) => name.startsWith('copy'))).toEqual(['copy.db']);
  });

  test('that cannot be written says so', async () => {
    const nowhere = database.copyTo(join(folder, 'nowhere', 'copy.db'));
    await expect(nowhere).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('a damaged file', () => {
  test('that is cut off is found', async () => {
    await database.copyTo(copy);
    await truncate(copy, (await stat(copy)).size - 100_000);
    expect(() => checkDatabase(copy)).toThrow(expect.objectContaining({ code: 'UNREADABLE' }));
  });

  test('that is something else is found', async () => {
    await writeFile(copy, 'no database at all'.repeat(1000));
    expect(() => checkDatabase(copy)).toThrow(expect.objectContaining({ code: 'UNREADABLE' }));
  });
});
