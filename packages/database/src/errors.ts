export type DatabaseErrorCode =
  /** Another process held the database for longer than a request can wait. */
  | 'BUSY'
  | 'NO_SPACE'
  /** The file is damaged, or no database, or was made by a newer Berth. */
  | 'UNREADABLE'
  /** The folder does not allow what SQLite needs. */
  | 'UNSAFE'
  | 'IO_ERROR';

/** The one error of this package for what is not the caller's fault. The native error is its `cause`. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError';
  readonly code: DatabaseErrorCode;

  constructor(code: DatabaseErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The native error as a {@link DatabaseError}; a broken constraint is the caller's to handle and stays as it is. */
export function toDatabaseError(error: unknown): unknown {
  const native = nativeCode(error);
  if (native === undefined || native.startsWith('SQLITE_CONSTRAINT')) return error;
  const cause = { cause: error };
  if (isBusy(error)) return new DatabaseError('BUSY', 'the database is busy', cause);
  if (native === 'SQLITE_FULL')
    return new DatabaseError('NO_SPACE', 'no space is left for the database', cause);
  if (native === 'SQLITE_CORRUPT' || native === 'SQLITE_NOTADB') {
    return new DatabaseError('UNREADABLE', 'the database file is damaged', cause);
  }
  return native === 'SQLITE_ERROR'
    ? error
    : new DatabaseError('IO_ERROR', 'the database cannot be used', cause);
}

export function isBusy(error: unknown): boolean {
  const native = nativeCode(error);
  return native !== undefined && /^SQLITE_(BUSY|LOCKED)/.test(native);
}

/** Whether an insert failed because such a row exists already. */
export function isUniqueViolation(error: unknown): boolean {
  const native = nativeCode(error);
  return native === 'SQLITE_CONSTRAINT_UNIQUE' || native === 'SQLITE_CONSTRAINT_PRIMARYKEY';
}

function nativeCode(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && code.startsWith('SQLITE_') ? code : undefined;
}
