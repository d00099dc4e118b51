import { StorageError, type StorageErrorCode } from '@berth/storage';

/** What was asked of the server when it went wrong. */
export interface Asked {
  /** As S3 calls it, such as `PutObject`. */
  readonly action: string;
  readonly bucket: string;
  /** The key or the prefix of keys; a bucket has none. */
  readonly key?: string | undefined;
}

const BY_NAME: ReadonlyMap<string, StorageErrorCode> = new Map([
  ['NoSuchBucket', 'IO_ERROR'],
  ['CredentialsProviderError', 'ACCESS_DENIED'],
  // versitygw answers 404 to a key that it does not know.
  ['XAdminUserNotFound', 'ACCESS_DENIED'],
  ['TimeoutError', 'UNAVAILABLE'],
  ['QuotaExceeded', 'NO_SPACE'],
  ['XMinioStorageFull', 'NO_SPACE'],
]);

const BY_STATUS: ReadonlyMap<number, StorageErrorCode> = new Map([
  [401, 'ACCESS_DENIED'],
  [403, 'ACCESS_DENIED'],
  [408, 'UNAVAILABLE'],
  [416, 'INVALID_RANGE'],
  [429, 'UNAVAILABLE'],
  [500, 'UNAVAILABLE'],
  [502, 'UNAVAILABLE'],
  [503, 'UNAVAILABLE'],
  [504, 'UNAVAILABLE'],
  [507, 'NO_SPACE'],
]);

/** Only these are a file that is not there. A 404 of another name is trouble, and must not look as if the file were gone. */
const MISSING: ReadonlySet<string> = new Set([
  'NoSuchKey',
  'NotFound',
  'NoSuchUpload',
  'UnknownError',
  'Unknown',
  '404',
]);

/** The rights that an action needs, where they are not called as it is. */
const RIGHTS: Readonly<Record<string, string>> = {
  ListObjectsV2: 's3:ListBucket',
  ListMultipartUploads: 's3:ListBucketMultipartUploads',
  ListParts: 's3:ListMultipartUploadParts',
  // Without the right to list, Amazon answers 403 for what does not exist.
  HeadObject: 's3:GetObject and s3:ListBucket',
  GetObject: 's3:GetObject and s3:ListBucket',
  DeleteObjects: 's3:DeleteObject',
  CreateMultipartUpload: 's3:PutObject',
  UploadPart: 's3:PutObject',
  CompleteMultipartUpload: 's3:PutObject',
  CopyObject: 's3:GetObject and s3:PutObject',
  UploadPartCopy: 's3:GetObject and s3:PutObject',
};

/** The one place where an error of the SDK, of the server or of the network gets its code and its words. */
export function storageError(error: unknown, asked: Asked): StorageError {
  const code = codeOf(error);
  return new StorageError(code, `${describe(asked)}: ${explain(error, code, asked)}`, { cause: error });
}

function codeOf(error: unknown): StorageErrorCode {
  const { name, status = 0 } = nativeError(error);
  if (status === 404 && MISSING.has(name)) return 'NOT_FOUND';
  return BY_NAME.get(name) ?? BY_STATUS.get(status) ?? (isNetwork(error) ? 'UNAVAILABLE' : 'IO_ERROR');
}

/** The name and the HTTP status of what the server answered, also of the cause of a {@link StorageError}. */
export function nativeError(error: unknown): { readonly name: string; readonly status?: number } {
  if (error instanceof StorageError)
    return error.cause === undefined ? { name: '' } : nativeError(error.cause);
  if (!(error instanceof Error)) return { name: '' };
  const { $metadata } = error as { $metadata?: { httpStatusCode?: number } };
  const status = $metadata?.httpStatusCode;
  return { name: error.name, ...(status !== undefined && { status }) };
}

function describe({ action, bucket, key }: Asked): string {
  return key === undefined
    ? `${action} on the bucket "${bucket}"`
    : `${action} of "${key}" in the bucket "${bucket}"`;
}

function explain(error: unknown, code: StorageErrorCode, { action, bucket }: Asked): string {
  const { name, status } = nativeError(error);
  const said = [name, messageOf(error)].filter((part) => part !== '').join(': ');
  if (name === 'NoSuchBucket') return `there is no bucket "${bucket}"`;
  if (code !== 'ACCESS_DENIED' || status === undefined) return said;
  return `${said}; the credentials must be valid and need ${RIGHTS[action] ?? `s3:${action}`}`;
}

function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message === '' && error instanceof AggregateError ? messageOf(error.errors[0]) : message;
}

/** Node's own errors have a `code` such as `ECONNREFUSED`. */
function isNetwork(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^(E[A-Z]{3,}|UND_ERR|HPE_)/.test(String(error.code));
}
