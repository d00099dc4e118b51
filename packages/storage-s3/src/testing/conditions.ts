import { PutObjectCommand } from '@aws-sdk/client-s3';

import { s3Client } from '../client.ts';
import { nativeError } from '../errors.ts';
import type { S3DriverOptions } from '../options.ts';

/** Whether the server knows `If-None-Match` on a write. One that does not, such as Swift, answers 501. */
export async function knowsConditions(options: S3DriverOptions): Promise<boolean> {
  const client = s3Client(options);
  const put = new PutObjectCommand({ Bucket: options.bucket, Key: 'probe', Body: '', IfNoneMatch: '*' });
  try {
    await client.send(put);
    return true;
  } catch (error) {
    if (nativeError(error).status !== 501) throw error;
    return false;
  } finally {
    client.destroy();
  }
}
