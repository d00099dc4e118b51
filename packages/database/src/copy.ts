import BetterSqlite3 from 'better-sqlite3';
import { rm } from 'node:fs/promises';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { DatabaseError, toDatabaseError } from './errors.ts';
import { makePrivate } from './sqlite.ts';

/** What the thread that copies is given. */
export interface CopyOrder {
  readonly source: string;
  readonly file: string;
}

/**
 * Writes what is committed at one moment into `file`, over what is there. A thread of its own does it, since SQLite copies
 * without a pause: about a second for 100 MB.
 */
export async function copySqlite(order: CopyOrder): Promise<void> {
  await removeSqlite(order.file);
  makePrivate(order.file);
  // The thread is a file of its own: `.ts` from the sources, `.js` of what was built.
  const program = new URL(`./copy-thread${extname(import.meta.filename)}`, import.meta.url);
  const thread = new Worker(program, { workerData: order });
  await new Promise<void>((resolve, reject) => {
    thread.once('error', (error) => reject(toDatabaseError(error)));
    thread.once('exit', (code) =>
      code === 0 ? resolve() : reject(new DatabaseError('IO_ERROR', `the copy ended with ${code}`)),
    );
  });
}

/** Removes a database. */
export async function removeSqlite(file: string): Promise<void> {
  await rm(file, { force: true });
  await removeBeside(file);
}

/** Removes what SQLite keeps beside a database: left by another one of this name, it would spoil the next. */
export async function removeBeside(file: string): Promise<void> {
  for (const end of ['-wal', '-shm', '-journal']) await rm(`${file}${end}`, { force: true });
}

/** Reads the whole file. Throws `DatabaseError` `UNREADABLE` where it is damaged, or no database. */
export function checkDatabase(file: string): void {
  try {
    const connection = new BetterSqlite3(file, { fileMustExist: true });
    try {
      const [found] = connection.prepare('PRAGMA integrity_check(1)').pluck().all();
      if (found !== 'ok') throw new DatabaseError('UNREADABLE', `the database is damaged: ${String(found)}`);
    } finally {
      connection.close();
    }
  } catch (error) {
    throw toDatabaseError(error);
  }
}
