/** What can go wrong in a driver: a closed list, so that whoever catches can be complete. */
export type StorageErrorCode =
  | 'NOT_FOUND'
  | 'INVALID_PATH'
  | 'INVALID_RANGE'
  | 'NO_SPACE'
  | 'ACCESS_DENIED'
  /** Storage cannot be reached, or asks to come again later. */
  | 'UNAVAILABLE'
  | 'IO_ERROR';

/** The one error of the storage packages. The native error is its `cause`. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
  readonly code: StorageErrorCode;

  constructor(code: StorageErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
