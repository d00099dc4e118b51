import { expect, test } from 'vitest';

import { storageError } from './errors.ts';

const native = (name: string, httpStatusCode: number) => {
  return Object.assign(new Error('said'), { name, $metadata: { httpStatusCode } });
};

test.for([
  ['NoSuchKey', 404, 'NOT_FOUND'],
  ['NotFound', 404, 'NOT_FOUND'],
  ['NoSuchUpload', 404, 'NOT_FOUND'],
  ['NoSuchBucket', 404, 'IO_ERROR'],
  ['SomethingElseNotFound', 404, 'IO_ERROR'],
  ['AccessDenied', 403, 'ACCESS_DENIED'],
  ['ExpiredToken', 403, 'ACCESS_DENIED'],
  ['InvalidRange', 416, 'INVALID_RANGE'],
  ['SlowDown', 503, 'UNAVAILABLE'],
  ['TooManyRequests', 429, 'UNAVAILABLE'],
  ['InternalError', 500, 'UNAVAILABLE'],
  ['XMinioStorageFull', 507, 'NO_SPACE'],
  ['QuotaExceeded', 403, 'NO_SPACE'],
  ['PreconditionFailed', 412, 'IO_ERROR'],
] as const)('%s with status %i is %s', ([name, status, code]) => {
  const error = storageError(native(name, status), { action: 'GetObject', bucket: 'blobs', key: 'a/file' });
  expect(error).toMatchObject({
    code,
    message: expect.stringContaining('GetObject of "a/file" in the bucket "blobs": '),
  });
});

test.for(['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'ETIMEDOUT'])('%s is UNAVAILABLE', (code) => {
  const error = Object.assign(new Error('no way'), { code });
  expect(storageError(error, { action: 'HeadBucket', bucket: 'blobs' })).toMatchObject({
    code: 'UNAVAILABLE',
    message: expect.stringMatching(/^HeadBucket on the bucket "blobs": .*no way$/),
    cause: error,
  });
});

test('credentials that are nowhere to be found are ACCESS_DENIED', () => {
  const error = Object.assign(new Error('Could not load credentials'), { name: 'CredentialsProviderError' });
  expect(storageError(error, { action: 'PutObject', bucket: 'blobs' })).toMatchObject({
    code: 'ACCESS_DENIED',
  });
});
