import type BetterSqlite3 from 'better-sqlite3';
import { CompiledQuery, SqliteAdapter, SqliteDialect, SqliteDriver } from 'kysely';
import type { DatabaseConnection, Driver, SqliteDatabase, SqliteStatement } from 'kysely';

/** The connections over which a dialect asks. */
export interface Connections {
  readonly own: BetterSqlite3.Database;
  /**
   * Asked in place of the own one while no transaction is open there: it has the pages in memory that it has written, where
   * every commit empties the memory of another connection.
   */
  readonly writer?: BetterSqlite3.Database;
}

/**
 * Kysely's SQLite dialect with four differences: migrations run in a transaction, as SQLite allows; statements are
 * prepared once by their text (160 µs for the query of a manifest become 60); a transaction takes the write lock when
 * it begins, since one that reads first and writes later fails where another wrote in between; and what SQLite has
 * rolled back by itself is not rolled back again.
 */
export class BerthSqliteDialect extends SqliteDialect {
  readonly #database: SqliteDatabase;
  readonly #native: BetterSqlite3.Database;

  constructor({ own, writer }: Connections) {
    const database = preparedOnce(own);
    const asked = writer === undefined ? database : preferWriter(database, writer);
    super({ database: asked });
    this.#database = asked;
    this.#native = own;
  }

  override createDriver(): Driver {
    return new ImmediateDriver(this.#database, this.#native);
  }

  override createAdapter(): SqliteAdapter {
    return new TransactionalAdapter();
  }
}

class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

class ImmediateDriver extends SqliteDriver {
  readonly #native: BetterSqlite3.Database;

  constructor(database: SqliteDatabase, native: BetterSqlite3.Database) {
    super({ database });
    this.#native = native;
  }

  /** After a full disk, for one, the transaction is gone already (sqlite.org/lang_transaction.html, "Response To Errors"). */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#native.inTransaction) await super.rollbackTransaction(connection);
  }

  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }
}

/** Lists of values make endless texts; the oldest of more than these go. */
const mostStatements = 500;

type PreparedStatement = SqliteStatement & Pick<BetterSqlite3.Statement, 'readonly'>;

interface PreparedDatabase extends SqliteDatabase {
  prepare(sql: string): PreparedStatement;
}

function preparedOnce(database: BetterSqlite3.Database): PreparedDatabase {
  const statements = new Map<string, PreparedStatement>();
  return {
    prepare(sql) {
      let statement = statements.get(sql);
      if (statement === undefined) {
        statement = database.prepare(sql) as unknown as PreparedStatement;
        if (statements.size >= mostStatements) statements.delete(statements.keys().next().value ?? '');
        statements.set(sql, statement);
      }
      return statement;
    },
    close: () => void database.close(),
  };
}

/** What would write is left to the own connection, which refuses it. */
function preferWriter(own: PreparedDatabase, writer: BetterSqlite3.Database): SqliteDatabase {
  const preferred = preparedOnce(writer);
  return {
    prepare(sql) {
      if (writer.inTransaction) return own.prepare(sql);
      const statement = preferred.prepare(sql);
      return statement.readonly ? statement : own.prepare(sql);
    },
    close: () => own.close(),
  };
}
