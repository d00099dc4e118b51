import type { Transaction } from 'kysely';
import { Migrator, type Migration } from 'kysely/migration';
import { DatabaseError } from './errors.ts';

export type { Migration };

/** The migrations of one package, in their order; the names sort in it too: `0001-…`. A released one never changes. */
export type Migrations = Readonly<Record<string, Migration>>;

/**
 * Brings the tables of one package to their newest form, in one transaction, so that of several processes that start at
 * once one does it and the others find it done. Each package has a migration table of its own, so that packages are
 * released alone. Throws `UNREADABLE` where a newer Berth has been here.
 */
export async function migrate(trx: Transaction<any>, owner: string, migrations: Migrations): Promise<void> {
  const migrator = new Migrator({
    db: trx,
    provider: { getMigrations: async () => ({ ...migrations }) },
    migrationTableName: `${owner}_migration`,
    migrationLockTableName: `${owner}_migration_lock`,
  });
  const { error } = await migrator.migrateToLatest();
  if (error instanceof Error && /corrupted migrations|missing/.test(error.message)) {
    const message = `the database was made by a newer version of Berth (tables of ${owner})`;
    throw new DatabaseError('UNREADABLE', message, { cause: error });
  }
  if (error !== undefined) throw error;
}
