import { access, constants, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
import { createTokenServer, type TokenServer } from '@berth/token-server';
import type { AuthChoice, Configuration, StorageChoice } from './config/index.ts';
import { openForeignTokens } from './foreign-tokens.ts';
import { openAccess } from './open-access.ts';
import { youngCollection } from './young-collection.ts';

/** Everything that Berth is made of, wired but with no port opened. */
export interface Parts {
  readonly configuration: Configuration;
  readonly logger: Logger;
  readonly client: ReturnType<typeof clientResolver>;
  readonly database: Database<DistributionTables>;
  readonly distribution: Distribution;
  readonly tokenServer: TokenServer;
  close(): Promise<void>;
}

/** The whole administration API. */
export function adminRoutesOf({ distribution, tokenServer }: Parts): AdminRoute[] {
  return [...distribution.adminRoutes, ...tokenServer.adminRoutes];
}

/** Makes the data folder where there is none. Rejects with `StorageError`, `DatabaseError` or the file system's own. */
export async function openParts(configuration: Configuration, logger: Logger): Promise<Parts> {
  const { storage, folder, remove } = await openStorage(configuration.storage.driver);
  const database = await openDatabase<DistributionTables>(join(folder, 'berth.db'));
  const close = async () => {
    await database.close();
    await remove();
  };
  try {
    const wired = await wire(configuration, logger, storage, database);
    return { ...wired, close: () => wired.tokenServer.close().then(close) };
  } catch (error) {
    await close();
    throw error;
  }
}

async function wire(
  configuration: Configuration,
  logger: Logger,
  storage: StorageDriver,
  database: Database<DistributionTables>,
): Promise<Omit<Parts, 'close'>> {
  const { http, auth } = configuration;
  const client = clientResolver({ trustedProxies: http.trustedProxies, origin: http.host });
  const findRepository = await prepareDistribution(database);
  const tokenServer = await createTokenServer({
    database: database.as(),
    findRepository,
    hasRepositoriesBelow: (name) => hasRepositoriesBelow(database.reader, name),
    client,
    logger,
    ...(auth.kind === 'builtin' && {
      service: auth.service,
      issuer: auth.issuer,
      expiration: auth.expiration,
      otherServices: auth.services,
    }),
  });
  const distribution = createDistribution({
    database,
    storage,
    logger,
    client,
    audit: tokenServer.audit,
    accessControl: await chooseAccess(auth, tokenServer),
    deleteEnabled: configuration.storage.delete.enabled,
    relativeUrls: http.relativeUrls,
    freeBuffers: youngCollection(),
    validation: configuration.validation,
  });
  return { configuration, logger, client, database, distribution, tokenServer };
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

/** The driver, and the folder in which the database lies beside it. */
async function openStorage(choice: StorageChoice) {
  if (choice.kind === 'inmemory') {
    const folder = await mkdtemp(join(tmpdir(), 'berth-'));
    return { storage: memoryDriver(), folder, remove: () => rm(folder, { recursive: true, force: true }) };
  }
  const { rootDirectory } = choice;
  await mkdir(rootDirectory, { recursive: true, mode: 0o750 });
  await access(rootDirectory, constants.W_OK);
  return { storage: filesystemDriver({ rootDirectory }), folder: rootDirectory, remove: async () => {} };
}
