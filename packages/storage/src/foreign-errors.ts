import { StorageError, type StorageErrorCode } from './errors.ts';

/** What a driver's native error means, such as `ENOSPC`; `undefined` where it has no code of its own. */
export type NativeCode = (error: unknown) => StorageErrorCode | undefined;

/** One call of a driver, as far as its errors need to know it. */
export interface Call {
  readonly member: string;
  readonly path: string;
  readonly signal: AbortSignal | undefined;
  readonly nativeCode: NativeCode;
}

/** The error that the caller sees: a {@link StorageError}, or the reason of the aborted signal. */
export function outwardError(error: unknown, { member, path, signal, nativeCode }: Call): unknown {
  if (error instanceof StorageError) return error;
  if (signal?.aborted && isAbort(error, signal)) return signal.reason;
  const message = error instanceof Error ? error.message : String(error);
  return new StorageError(nativeCode(error) ?? 'IO_ERROR', `${member} "${path}": ${message}`, {
    cause: error,
  });
}

function isAbort(error: unknown, signal: AbortSignal): boolean {
  return error === signal.reason || (error instanceof Error && error.name === 'AbortError');
}
