import { Kysely, type Transaction } from 'kysely';
import { setTimeout as sleep } from 'node:timers/promises';
import { copySqlite } from './copy.ts';
import { BerthSqliteDialect } from './dialect.ts';
import { DatabaseError, isBusy, toDatabaseError } from './errors.ts';
import { createLeaseTable } from './lease.ts';
import { migrate, type Migrations } from './migrate.ts';
import { ReadCache } from './read-cache.ts';
import { commitCounter, openSqlite, type SqliteConnections } from './sqlite.ts';
import { createVersionTable } from './version.ts';
import { WalSync, type OpenWal } from './wal-sync.ts';

/**
 * The record of everything but bytes. `Schema` is the union of the tables that the caller uses; each package sees the
 * database as its own {@link Database.as}.
 */
export interface Database<Schema> {
  /** Reads what was committed, also while a transaction is open. It refuses to write. */
  readonly reader: Kysely<Schema>;

  /**
   * The answer of `read`, which queries {@link reader}, remembered under `key` until something is committed: never
   * older than a query would be. It is no promise where it is known, since these are asked for at every request. `sizeOf`
   * is for answers larger than a small row, in bytes.
   */
  remembered<Value>(
    key: string,
    read: () => Promise<Value>,
    sizeOf?: (value: Value) => number,
  ): Promise<Value> | Value;

  /**
   * Runs `work` alone among all writers, and commits when it resolves. Inside, await nothing but the database: a
   * transaction that waits for anything else freezes the writers of other processes.
   *
   * When it resolves, what was done survives a power cut, unless it is `relaxed`.
   *
   * Others see it from the commit on, a moment before it survives a power cut; what they change then survives only
   * together with it.
   *
   * Rejects with `DatabaseError`: `BUSY` where another process held the lock for all of {@link busyLimit}, `IO_ERROR`
   * where the disk failed; then all later ones reject too, until the database is opened again.
   */
  transaction<Result>(
    work: (trx: Transaction<Schema>) => Promise<Result>,
    options?: TransactionOptions,
  ): Promise<Result>;

  /** Brings the tables of one package up to date. */
  migrate(owner: string, migrations: Migrations): Promise<void>;

  /**
   * Writes what is committed at one moment into `file`, made private, over what is there; it is not synced. Others read
   * and write meanwhile. Rejects with `DatabaseError`.
   */
  copyTo(file: string): Promise<void>;

  /** The same database with the tables of a package. */
  as<Other>(): Database<Other>;

  close(): Promise<void>;
}

export interface TransactionOptions {
  /**
   * What was done survives the end of this process, and a power cut may take it until the next transaction that is not
   * relaxed: for what can be begun again.
   */
  readonly relaxed?: boolean;
  /** `false` where only tables are changed from which nothing is {@link Database.remembered}. */
  readonly forget?: boolean;
}

/** How long a transaction tries for the write lock, in milliseconds. */
export const busyLimit = 10_000;

const ownMigrations: Migrations = { '0001-version': createVersionTable, '0002-lease': createLeaseTable };

/** Stands between the database and the disk: tests let it fail. */
export interface DatabaseOptions {
  readonly openWal?: OpenWal;
}

/**
 * Opens the SQLite database in `file`, made where there is none; its folder must exist.
 * Throws `DatabaseError`: `UNREADABLE` for a file that is no database, `UNSAFE` for a file system that breaks SQLite.
 */
export async function openDatabase<Schema>(
  file: string,
  { openWal }: DatabaseOptions = {},
): Promise<Database<Schema>> {
  const database = new SqliteDatabase<Schema>(file, openSqlite(file), new WalSync(file, openWal));
  try {
    await database.migrate('database', ownMigrations);
  } catch (error) {
    await database.close();
    throw error;
  }
  return database;
}

class SqliteDatabase<Schema> implements Database<Schema> {
  readonly reader: Kysely<Schema>;
  readonly #file: string;
  readonly #connections: SqliteConnections;
  readonly #writer: Kysely<Schema>;
  readonly #cache: ReadCache;
  readonly #wal: WalSync;

  constructor(file: string, connections: SqliteConnections, wal: WalSync) {
    const { writer, reader } = connections;
    this.#file = file;
    this.#connections = connections;
    this.#writer = new Kysely({ dialect: new BerthSqliteDialect({ own: writer }) });
    this.reader = new Kysely({ dialect: new BerthSqliteDialect({ own: reader, writer }) });
    this.#cache = new ReadCache(commitCounter(writer));
    this.#wal = wal;
  }

  remembered<Value>(
    key: string,
    read: () => Promise<Value>,
    sizeOf?: (value: Value) => number,
  ): Promise<Value> | Value {
    return this.#cache.get(key, read, sizeOf);
  }

  async transaction<Result>(
    work: (trx: Transaction<Schema>) => Promise<Result>,
    { relaxed = false, forget = true }: TransactionOptions = {},
  ): Promise<Result> {
    this.#wal.check();
    const result = await this.#commit(work, forget);
    if (!relaxed) await this.#wal.sync();
    return result;
  }

  async #commit<Result>(
    work: (trx: Transaction<Schema>) => Promise<Result>,
    forget: boolean,
  ): Promise<Result> {
    try {
      return await retryBusy(() => this.#writer.transaction().execute(work));
    } finally {
      if (forget) this.#cache.forget();
    }
  }

  async migrate(owner: string, migrations: Migrations): Promise<void> {
    await this.transaction((trx) => migrate(trx, owner, migrations));
  }

  copyTo(file: string): Promise<void> {
    return copySqlite({ source: this.#file, file });
  }

  as<Other>(): Database<Other> {
    return this as unknown as Database<Other>;
  }

  async close(): Promise<void> {
    await this.reader.destroy();
    await this.#writer.destroy();
    await this.#wal.close();
    // Kysely leaves a connection open that was never used, and the last one that is closed writes the WAL back.
    this.#connections.reader.close();
    this.#connections.writer.close();
  }
}

/**
 * SQLite itself waits for a lock by blocking this process, so it may do so for a few milliseconds only; the rest of the
 * waiting is done here, where other requests go on.
 */
async function retryBusy<Result>(work: () => Promise<Result>): Promise<Result> {
  const end = performance.now() + busyLimit;
  for (let pause = 1; ; pause = Math.min(pause * 2, 50)) {
    try {
      return await work();
    } catch (error) {
      if (!isBusy(error)) throw toDatabaseError(error);
      if (performance.now() > end)
        throw new DatabaseError('BUSY', 'another process holds the database', { cause: error });
    }
    await sleep(pause * (0.5 + Math.random()));
  }
}
