import { join } from 'node:path';
import { startS3Server, type S3Server } from '@berth/storage-s3/testing';
import type { Tool } from './require.ts';

export { everythingIn } from '@berth/storage-s3/testing';

/** A real S3 server. Stopped by its `stop`. */
export function startBucketServer(versitygw: Tool): Promise<S3Server> {
  return startS3Server(versitygw['versitygw']!);
}

/** The `REGISTRY_*` variables that keep blobs in a bucket, and the database in `folder`. */
export function bucketSettings(
  { endpoint, credentials }: S3Server,
  bucket: string,
  folder: string,
): Record<string, string> {
  return {
    REGISTRY_STORAGE: 's3',
    REGISTRY_STORAGE_S3_BUCKET: bucket,
    REGISTRY_STORAGE_S3_REGIONENDPOINT: endpoint,
    REGISTRY_STORAGE_S3_ACCESSKEY: credentials.accessKeyId,
    REGISTRY_STORAGE_S3_SECRETKEY: credentials.secretAccessKey,
    REGISTRY_DATABASE: `sqlite:${join(folder, 'berth.db')}`,
  };
}
