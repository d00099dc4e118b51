import { createHash } from 'node:crypto';

import type { S3Client } from '@aws-sdk/client-s3';

interface Request {
  headers: Record<string, string>;
  body?: unknown;
}

/**
 * `DeleteObjects` must have a checksum. The SDK sends `x-amz-checksum-crc32`, which many servers do not know: they want
 * `Content-MD5`, as every version of S3 has taken it.
 */
export function addContentMd5(client: S3Client): void {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      if (context['commandName'] === 'DeleteObjectsCommand') useContentMd5(args.request as Request);
      return next(args);
    },
    { step: 'build', priority: 'low', name: 'contentMd5', override: true },
  );
}

function useContentMd5({ headers, body }: Request): void {
  for (const name of Object.keys(headers)) {
    if (/^x-amz-(sdk-)?checksum-/i.test(name)) delete headers[name];
  }
  const bytes = typeof body === 'string' || body instanceof Uint8Array ? body : '';
  headers['content-md5'] = createHash('md5').update(bytes).digest('base64');
}
