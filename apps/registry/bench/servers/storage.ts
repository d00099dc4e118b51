import { join } from 'node:path';
import { startS3Server } from '@berth/storage-s3/testing';
import { processEnvironment } from '../../src/config/process.ts';
import { findProgram } from '../program.ts';

/** The section `storage` of a configuration, as Berth and the original read it. */
export type StorageSection = Readonly<Record<string, unknown>>;

/** Where servers are measured to keep their blobs. */
export interface BenchStorage {
  /** A new place for one server, whose own folder is `folder`. */
  section(folder: string): Promise<StorageSection>;
  /** Whether all that is kept is below that folder: then Berth's database needs no place of its own. */
  readonly inFolder: boolean;
  stop(): Promise<void>;
}

export const folderStorage: BenchStorage = {
  section: async (folder) => ({ filesystem: { rootdirectory: join(folder, 'data') } }),
  inFolder: true,
  stop: async () => {},
};

/** One S3 server for all, each with a bucket. Blobs pass through the registry: redirects would measure the S3 server. */
export async function bucketStorage(): Promise<BenchStorage> {
  const { HOME = '', XDG_CACHE_HOME = join(HOME, '.cache') } = processEnvironment();
  const program = await findProgram('versitygw', [join(XDG_CACHE_HOME, 'berth-ci/bin')]);
  if (program === undefined)
    throw new Error('--s3 needs versitygw: go install github.com/versity/versitygw/cmd/versitygw@v1.8.0');
  const server = await startS3Server(program);
  const { endpoint: regionendpoint, credentials } = server;
  return {
    async section() {
      const { bucket } = await server.newBucket();
      const { accessKeyId: accesskey, secretAccessKey: secretkey } = credentials;
      const access = { accesskey, secretkey, region: 'us-east-1', regionendpoint, forcepathstyle: true };
      return { s3: { bucket, ...access, secure: false }, redirect: { disable: true } };
    },
    inFolder: false,
    stop: () => server.stop(),
  };
}
