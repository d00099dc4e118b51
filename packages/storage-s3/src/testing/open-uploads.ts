import { ListMultipartUploadsCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';

import { s3Client } from '../client.ts';
import type { S3DriverOptions } from '../options.ts';

/** The keys of everything in the bucket: objects, and open uploads as `<key> (upload)`. */
export async function everythingIn(options: S3DriverOptions): Promise<string[]> {
  const client = s3Client(options);
  const Bucket = options.bucket;
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket }));
  const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket }));
  client.destroy();
  return [...Contents.map(({ Key }) => `${Key}`), ...Uploads.map(({ Key }) => `${Key} (upload)`)].sort();
}
