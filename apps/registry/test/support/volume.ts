import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StorageDriver } from '@berth/storage';
import { filesystemDriver } from '@berth/storage-filesystem';
import { s3Driver } from '@berth/storage-s3';
import { freePort } from '@berth/storage-s3/testing';
import { startProgram } from './foreign-registry.ts';
import type { Tool } from './require.ts';
import { bucketSettings, startBucketServer } from './s3.ts';
import { removeFolder, temporaryFolder } from './temporary.ts';

/** Storage that Berth and a registry that is not Berth have in turn. */
export interface Volume {
  /** The data folder of Berth. */
  readonly folder: string;
  /** The settings of Berth that name it. */
  readonly env: Readonly<Record<string, string>>;
  /** To look into it, and to write what takes a registry too long. */
  readonly storage: StorageDriver;
  /** Starts the original registry on it, without access control. */
  startStock(program: string): Promise<StockRegistry>;
  remove(): Promise<void>;
}

export interface StockRegistry {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  stop(): Promise<void>;
}

/** A folder of the local disk. */
export async function folderVolume(): Promise<Volume> {
  const root = await temporaryFolder();
  const folder = join(root, 'data');
  await mkdir(folder);
  return {
    folder,
    env: {},
    storage: filesystemDriver({ rootDirectory: folder }),
    startStock: (program) => startStock(program, root, { filesystem: { rootdirectory: folder } }),
    remove: () => removeFolder(root),
  };
}

/** A bucket of a real S3 server; the database is in a folder. */
export async function bucketVolume(versitygw: Tool): Promise<Volume> {
  const root = await temporaryFolder();
  const server = await startBucketServer(versitygw);
  const options = await server.newBucket();
  const s3 = {
    bucket: options.bucket,
    region: 'us-east-1',
    regionendpoint: server.endpoint,
    accesskey: server.credentials.accessKeyId,
    secretkey: server.credentials.secretAccessKey,
    forcepathstyle: true,
    secure: false,
  };
  return {
    folder: root,
    env: bucketSettings(server, options.bucket, root),
    storage: s3Driver(options),
    startStock: (program) => startStock(program, root, { s3, redirect: { disable: true } }),
    async remove() {
      await server.stop();
      await removeFolder(root);
    },
  };
}

async function startStock(program: string, folder: string, storage: object): Promise<StockRegistry> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const file = join(folder, 'stock.yml');
  const configuration = {
    version: 0.1,
    log: { level: 'error' },
    storage: { ...storage, delete: { enabled: true } },
    http: { addr: `127.0.0.1:${port}` },
  };
  await writeFile(file, JSON.stringify(configuration));
  const { stop } = await startProgram(program, file, url);
  return { url, stop };
}
