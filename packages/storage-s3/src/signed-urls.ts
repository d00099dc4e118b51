import { GetObjectCommand, HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { SignedUrlOptions } from '@berth/storage';

import type { Bucket } from './bucket.ts';
import { storageError } from './errors.ts';

/** Signed by `client`, whose endpoint is the one that clients reach. Nothing is sent. */
export async function signedUrl(
  bucket: Bucket,
  client: S3Client,
  path: string,
  { method, expiresIn, contentType }: SignedUrlOptions,
): Promise<string> {
  const key = bucket.keys.file(path);
  const input = {
    Bucket: bucket.name,
    Key: key,
    ...(contentType !== undefined && { ResponseContentType: contentType }),
  };
  const command = method === 'HEAD' ? new HeadObjectCommand(input) : new GetObjectCommand(input);
  try {
    return await getSignedUrl(client, command, { expiresIn });
  } catch (error) {
    throw storageError(error, { action: 'signing', bucket: bucket.name, key });
  }
}
