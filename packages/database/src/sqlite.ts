import BetterSqlite3 from 'better-sqlite3';
import { closeSync, openSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseError, toDatabaseError } from './errors.ts';

/** How long SQLite may block this process for a lock, in milliseconds. */
const busyTimeout = 20;

/**
 * File systems on which WAL's shared memory is not shared between those who see the file (magic numbers of statfs(2)):
 * NFS, SMB, CIFS, 9p (folders shared with a virtual machine), FUSE is left to its user.
 */
const unsafeFileSystems: Readonly<Record<number, string>> = {
  0x6969: 'NFS',
  0x517b: 'SMB',
  0xff534d42: 'CIFS',
  0xfe534d42: 'SMB',
  0x01021997: '9p',
};

export interface SqliteConnections {
  readonly writer: BetterSqlite3.Database;
  readonly reader: BetterSqlite3.Database;
}

/** Two connections to one file: in WAL mode, readers and the one writer do not wait for each other. */
export function openSqlite(file: string): SqliteConnections {
  refuseUnsafe(file);
  makePrivate(file);
  const writer = connect(file);
  try {
    const reader = connect(file);
    reader.pragma('query_only = ON');
    return { writer, reader };
  } catch (error) {
    writer.close();
    throw error;
  }
}

/** Answers another number once anything was committed over another connection: https://sqlite.org/pragma.html#pragma_data_version */
export function commitCounter(reader: BetterSqlite3.Database): () => unknown {
  const statement = reader.prepare('PRAGMA data_version').pluck();
  return () => statement.get();
}

function connect(file: string): BetterSqlite3.Database {
  try {
    const connection = new BetterSqlite3(file, { timeout: busyTimeout });
    connection.pragma('journal_mode = WAL');
    // What `FULL` does in addition is `WalSync`.
    connection.pragma('synchronous = NORMAL');
    connection.pragma('wal_autocheckpoint = 4000');
    connection.pragma('foreign_keys = ON');
    return connection;
  } catch (error) {
    const known = toDatabaseError(error);
    if (known instanceof DatabaseError) throw known;
    throw new DatabaseError('IO_ERROR', `the database ${file} cannot be opened`, { cause: error });
  }
}

/** It holds keys and hashes of passwords. SQLite gives its other files the mode of the first one. */
export function makePrivate(file: string): void {
  closeSync(openSync(file, 'a', 0o600));
}

function refuseUnsafe(file: string): void {
  const { type } = statfsSync(dirname(file));
  const name = unsafeFileSystems[type];
  if (name !== undefined) {
    throw new DatabaseError('UNSAFE', `SQLite loses data on ${name}: put ${file} on a local disk`);
  }
}
