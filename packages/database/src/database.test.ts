import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { sql, type Transaction } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  isUniqueViolation,
  leaseHeld,
  moveVersion,
  openDatabase,
  readVersion,
  releaseLease,
  takeLease,
  type Database,
  type Migrations,
} from './index.ts';

interface Schema {
  thing: { id: number; name: string };
}

const migrations: Migrations = {
  '0001-thing': {
    async up(db) {
      await db.schema
        .createTable('thing')
        .addColumn('id', 'integer', (column) => column.primaryKey())
        .addColumn('name', 'text', (column) => column.notNull().unique())
        .execute();
    },
  },
};

let folder: string;
let file: string;
let database: Database<Schema>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'berth-database-'));
  file = join(folder, 'berth.db');
  database = await openDatabase<Schema>(file);
  await database.migrate('test', migrations);
});

afterEach(async () => {
  await database.close();
  await rm(folder, { recursive: true });
});

const insert = (name: string) =>
  database.transaction((trx) => trx.insertInto('thing').values({ id: name.length, name }).execute());

const names = async () =>
  (await database.reader.selectFrom('thing').select('name').execute()).map((row) => row.name);

describe('transaction', () => {
  test('commits what it did, and nothing where it throws', async () => {
    await insert('kept');
    const failing = database.transaction(async (trx) => {
      await trx.insertInto('thing').values({ id: 99, name: 'lost' }).execute();
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await names()).toEqual(['kept']);
  });

  test('runs no macrotask between BEGIN and COMMIT', async () => {
    let macrotasks = 0;
    let running = true;
    const count = () => {
      macrotasks += 1;
      if (running) setImmediate(count);
    };
    setImmediate(count);
    await new Promise((resolve) => setImmediate(resolve));
    const [before, after] = await database.transaction(async (trx) => {
      const start = macrotasks;
      for (let id = 0; id < 100; id += 1) {
        await trx
          .insertInto('thing')
          .values({ id, name: `thing ${id}` })
          .execute();
        await trx.selectFrom('thing').selectAll().execute();
      }
      return [start, macrotasks];
    });
    running = false;
    expect(before).toBeGreaterThan(0);
    expect(after).toBe(before);
  });

  test('a read does not wait for it', async () => {
    await insert('old');
    let seen: string[] = [];
    await database.transaction(async (trx) => {
      await trx.insertInto('thing').values({ id: 50, name: 'new' }).execute();
      seen = await names();
    });
    expect(seen).toEqual(['old']);
  });

  test('waits for another process without blocking this one', async () => {
    const other = new BetterSqlite3(file);
    other.exec('begin immediate');
    let ticks = 0;
    const ticking = setInterval(() => (ticks += 1), 1);
    setTimeout(() => other.exec('commit'), 300);
    await insert('patient');
    clearInterval(ticking);
    other.close();
    expect(ticks).toBeGreaterThan(5);
    expect(await names()).toEqual(['patient']);
  });

  test('relaxed, commits or rolls back too', async () => {
    const add = (name: string, fail = false) =>
      database.transaction(
        async (trx) => {
          await trx.insertInto('thing').values({ id: name.length, name }).execute();
          if (fail) throw new Error('no');
        },
        { relaxed: true },
      );
    await Promise.all([add('kept'), insert('other'), expect(add('lost one', true)).rejects.toThrow('no')]);
    expect((await names()).toSorted()).toEqual(['kept', 'other']);
  });

  test('that SQLite has rolled back by itself fails with what went wrong', async () => {
    const failing = database.transaction(async (trx) => {
      await trx.insertInto('thing').values({ id: 1, name: 'lost' }).execute();
      await sql`rollback`.execute(trx);
      throw new Error('the disk is full');
    });
    await expect(failing).rejects.toThrow('the disk is full');
    await insert('next');
    expect(await names()).toEqual(['next']);
  });

  test('a broken constraint is told apart', async () => {
    await insert('twin');
    await expect(insert('twin')).rejects.toSatisfy(isUniqueViolation);
  });

  test('the reader sees what was committed, and nothing of a transaction that is open', async () => {
    await insert('before');
    await database.transaction(async (trx) => {
      await trx.insertInto('thing').values({ id: 99, name: 'open' }).execute();
      expect(await names()).toEqual(['before']);
    });
    expect(await names()).toEqual(['before', 'open']);
  });

  test('the reader refuses to write', async () => {
    await expect(
      database.reader.insertInto('thing').values({ id: 1, name: 'x' }).execute(),
    ).rejects.toThrow();
  });
});

describe('remembered', () => {
  const nextRequests = () => new Promise((resolve) => setImmediate(resolve));

  const countThings = async () => {
    let queries = 0;
    const count = () =>
      database.remembered('things', async () => {
        queries += 1;
        return (await names()).length;
      });
    return { count, queries: () => queries };
  };

  test('reads once while nothing is committed', async () => {
    const { count, queries } = await countThings();
    expect([await count(), await count(), queries()]).toEqual([0, 0, 1]);
  });

  test('reads again after a commit, of this process or another', async () => {
    const { count, queries } = await countThings();
    await count();
    await insert('mine');
    expect(await count()).toBe(1);
    const other = new BetterSqlite3(file);
    other.exec("insert into thing values (77, 'theirs')");
    other.close();
    await nextRequests();
    expect([await count(), queries()]).toEqual([2, 3]);
  });

  test('reads not again after a commit that says so, and again after one of another process', async () => {
    const { count, queries } = await countThings();
    await count();
    const unseen = (trx: Transaction<Schema>) =>
      trx.insertInto('thing').values({ id: 1, name: 'x' }).execute();
    await database.transaction(unseen, { forget: false });
    await nextRequests();
    expect([await count(), queries()]).toEqual([0, 1]);
    const other = new BetterSqlite3(file);
    other.exec("insert into thing values (77, 'theirs')");
    other.close();
    await nextRequests();
    expect([await count(), queries()]).toEqual([2, 2]);
  });

  test('reads again after a commit that took place, though an error was the answer', async () => {
    const { count } = await countThings();
    await count();
    const failing = database.transaction(async (trx) => {
      await trx.insertInto('thing').values({ id: 1, name: 'there' }).execute();
      await sql`commit`.execute(trx);
      throw new Error('no answer');
    });
    await expect(failing).rejects.toThrow('no answer');
    expect(await count()).toBe(1);
  });

  test('forgets what was read before a commit that came while it was read', async () => {
    const slow = database.remembered('slow', async () => {
      const before = await names();
      await insert('meanwhile');
      return before;
    });
    expect(await slow).toEqual([]);
    expect(await database.remembered('slow', names)).toEqual(['meanwhile']);
  });

  test('holds no more than it may', async () => {
    const huge = () =>
      database.remembered(
        'huge',
        async () => Math.random(),
        () => 1e9,
      );
    expect(await huge()).not.toBe(await huge());
  });
});

describe('opening', () => {
  test('migrates once, and again without change', async () => {
    await insert('before');
    await database.migrate('test', migrations);
    expect(await names()).toEqual(['before']);
  });

  test('by several at once makes the tables once', async () => {
    const fresh = join(folder, 'fresh.db');
    const opened = await Promise.all(Array.from({ length: 5 }, () => openDatabase<Schema>(fresh)));
    await Promise.all(opened.map((database) => database.migrate('test', migrations)));
    expect(await opened[4]!.reader.selectFrom('thing').selectAll().execute()).toEqual([]);
    await Promise.all(opened.map((database) => database.close()));
  });

  test('refuses a database of a newer version', async () => {
    await database.migrate('test', { ...migrations, '0002-later': { up: async () => {} } });
    await expect(database.migrate('test', migrations)).rejects.toMatchObject({ code: 'UNREADABLE' });
  });

  test('refuses a file that is no database', async () => {
    const other = join(folder, 'other.db');
    await writeFile(other, 'not a database, but long enough to be read as the header of one'.repeat(20));
    await expect(openDatabase(other)).rejects.toMatchObject({ name: 'DatabaseError', code: 'UNREADABLE' });
  });
});

describe('version', () => {
  test('starts at 0 and moves by one in the transaction that changes the thing', async () => {
    expect(await readVersion(database.reader, 'policy')).toBe(0);
    await database.transaction((trx) => moveVersion(trx, 'policy'));
    await database.transaction((trx) => moveVersion(trx, 'policy'));
    expect(await readVersion(database.reader, 'policy')).toBe(2);
  });
});

describe('lease', () => {
  const take = (owner: string, now: number) =>
    database.transaction((trx) => takeLease(trx, { name: 'purge', owner, now, duration: 1000 }));

  test('has one owner until it ends, and a higher fence for the next', async () => {
    expect(await take('a', 0)).toMatchObject({ fence: 1 });
    expect(await take('b', 999)).toBeUndefined();
    expect(await take('a', 999)).toMatchObject({ fence: 1 });
    expect(await take('b', 1999)).toMatchObject({ fence: 2 });
    expect(await take('a', 2001)).toBeUndefined();
    const held = (now: number) => leaseHeld(database.reader, 'purge', now);
    expect([await held(2998), await held(2999)]).toEqual([true, false]);
  });

  test('is free again when it is released, but not by who was overtaken', async () => {
    const first = await take('a', 0);
    const second = await take('b', 5000);
    await database.transaction((trx) => releaseLease(trx, first!));
    expect(await take('c', 5001)).toBeUndefined();
    await database.transaction((trx) => releaseLease(trx, second!));
    expect(await take('c', 5002)).toMatchObject({ fence: 3 });
  });
});
