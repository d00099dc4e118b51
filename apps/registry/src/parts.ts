import { access, constants, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { openDatabase, type Database } from '@berth/database';
import {
  createDistribution,
  hasRepositoriesBelow,
  prepareDistribution,
  type Distribution,
  type DistributionTables,
} from '@berth/distribution';
import type { AccessControl, AdminRoute, Logger } from '@berth/protocol';
import { clientResolver } from '@berth/protocol/http';
import { memoryDriver, type StorageDriver } from '@berth/storage';
import { filesystemDriver } from '@berth/storage-filesystem';
import { createTokenServer, type OwnRegistry, type TokenServer } from '@berth/token-server';
import type { AuthChoice, Configuration, StorageChoice } from './config/index.ts';
import { openForeignTokens } from './foreign-tokens.ts';
import { makeFolder } from './make-folder.ts';
import { openAccess } from './open-access.ts';
import { youngCollection } from './young-collection.ts';

/** Everything that Berth is made of, wired but with no port opened. */
export interface Parts {
  readonly configuration: Configuration;
  readonly logger: Logger;
  readonly client: ReturnType<typeof clientResolver>;
  readonly database: Database<DistributionTables>;
  /** Absent with `storage: none`: Berth is a token server alone. */
  readonly storage?: StorageDriver;
  /** Absent where there is no storage. */
  readonly distribution?: Distribution;
  readonly tokenServer: TokenServer;
  close(): Promise<void>;
}

/** The whole administration API. */
export function adminRoutesOf({ distribution, tokenServer }: Parts): AdminRoute[] {
  return [...(distribution?.adminRoutes ?? []), ...tokenServer.adminRoutes];
}

/** Blobs leave so much of the disk to the database, in bytes: else nothing could be deleted where it is full. */
const databaseReserve = 16 * 1024 * 1024;

/** Stands between the parts and what they keep their data in: tests let it fail, or end the process. */
export interface Surroundings {
  readonly storage: (driver: StorageDriver) => StorageDriver;
  readonly database: (opened: Database<DistributionTables>) => Database<DistributionTables>;
}

const nothingAround: Surroundings = { storage: (driver) => driver, database: (opened) => opened };

/** Where the database is, unless it is named, in the data folder. */
export function databaseFile({ database }: Configuration, folder: string): string {
  return database ?? join(folder, 'berth.db');
}

/** Makes the data folder where there is none. Rejects with `StorageError`, `DatabaseError` or the file system's own. */
export async function openParts(
  configuration: Configuration,
  logger: Logger,
  around: Surroundings = nothingAround,
): Promise<Parts> {
  const opened = await openStorage(configuration.storage.driver);
  const { folder, remove } = opened;
  const storage = opened.storage && around.storage(opened.storage);
  const file = databaseFile(configuration, folder);
  await makeFolder(dirname(file));
  const database = around.database(await openDatabase<DistributionTables>(file));
  const close = async () => {
    await database.close();
    await remove();
  };
  try {
    const wired = await wire(configuration, logger, storage, database);
    const closeParts = async () => {
      await wired.distribution?.close();
      await wired.tokenServer.close();
      await close();
    };
    return { ...wired, close: closeParts };
  } catch (error) {
    await close();
    throw error;
  }
}

async function wire(
  configuration: Configuration,
  logger: Logger,
  storage: StorageDriver | undefined,
  database: Database<DistributionTables>,
): Promise<Omit<Parts, 'close'>> {
  const { http, auth } = configuration;
  const client = clientResolver({ trustedProxies: http.trustedProxies, origin: http.host });
  const tokenServer = await createTokenServer({
    database: database.as(),
    registry: storage && (await prepareRegistry(database, auth)),
    client,
    logger,
    ...(auth.kind === 'builtin' && {
      issuer: auth.issuer,
      expiration: auth.expiration,
      otherServices: auth.services,
      keyAlgorithm: auth.signingAlgorithm,
      rotateKeysEvery: auth.keyRotation / 1000,
      publishKeysBefore: auth.keyLead / 1000,
    }),
  });
  const parts = { configuration, logger, client, database, tokenServer };
  if (storage === undefined) return parts;
  const distribution = createDistribution({
    database,
    storage,
    logger,
    client,
    audit: tokenServer.audit,
    accessControl: await chooseAccess(auth, tokenServer),
    deleteEnabled: configuration.storage.delete.enabled,
    readOnly: configuration.readOnly,
    redirectBlobs: configuration.storage.redirect,
    relativeUrls: http.relativeUrls,
    freeBuffers: youngCollection(),
    validation: configuration.validation,
    reviewDelay: configuration.garbageCollection.delay,
  });
  return { ...parts, storage, distribution };
}

/** What the token server has to know of Berth's own registry. */
async function prepareRegistry(
  database: Database<DistributionTables>,
  auth: AuthChoice,
): Promise<OwnRegistry> {
  return {
    service: auth.kind === 'builtin' ? auth.service : 'berth',
    findRepository: await prepareDistribution(database),
    hasRepositoriesBelow: (name) => hasRepositoriesBelow(database.reader, name),
  };
}

async function chooseAccess(auth: AuthChoice, tokenServer: TokenServer): Promise<AccessControl> {
  switch (auth.kind) {
    case 'none':
      return openAccess;
    case 'token':
      return openForeignTokens(auth);
    case 'builtin':
      return tokenServer.accessControl;
  }
}

export interface OpenedStorage {
  /** Absent where there is none. */
  readonly storage?: StorageDriver;
  /** In which the database lies. */
  readonly folder: string;
  remove(): Promise<void>;
}

export async function openStorage(choice: StorageChoice): Promise<OpenedStorage> {
  const stays = async () => {};
  switch (choice.kind) {
    case 'inmemory': {
      const folder = await mkdtemp(join(tmpdir(), 'berth-'));
      return { storage: memoryDriver(), folder, remove: () => rm(folder, { recursive: true, force: true }) };
    }
    case 'none':
      return { folder: await writableFolder(choice.folder), remove: stays };
    case 's3':
      return {
        storage: await openBucket(choice),
        folder: await writableFolder(choice.folder),
        remove: stays,
      };
    case 'filesystem': {
      const folder = await writableFolder(choice.rootDirectory);
      return {
        storage: filesystemDriver({ rootDirectory: folder, reserve: databaseReserve }),
        folder,
        remove: stays,
      };
    }
  }
}

/** The SDK takes 60 MB: only who needs it loads it. */
async function openBucket({ options }: Extract<StorageChoice, { kind: 's3' }>): Promise<StorageDriver> {
  const { checkBucket, s3Driver } = await import('@berth/storage-s3');
  await checkBucket(options);
  return s3Driver(options);
}

async function writableFolder(folder: string): Promise<string> {
  await makeFolder(folder);
  await access(folder, constants.W_OK);
  return folder;
}
