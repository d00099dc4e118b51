import type { IncomingMessage } from 'node:http';
import type { Database } from '@berth/database';
import type { AccessControl, AdminRoute, AuditLog, FindRepository, Logger } from '@berth/protocol';
import type { Client } from '@berth/protocol/http';
import type { StorageDriver } from '@berth/storage';
import type { Middleware } from 'koa';
import { repositoryRoutes } from './admin/repositories.ts';
import { distributionApp } from './app.ts';
import { blobHandlers } from './handlers/blobs.ts';
import { listHandlers } from './handlers/lists.ts';
import { manifestHandlers } from './handlers/manifests.ts';
import { uploadHandlers } from './handlers/uploads.ts';
import { repositoryFacts } from './metadata/repositories.ts';
import { migrations } from './metadata/schema/migrations.ts';
import type { DistributionTables } from './metadata/schema/tables.ts';
import { routes } from './routes.ts';
import { BlobStore } from './stores/blobs.ts';
import { ManifestStore } from './stores/manifests.ts';
import { UploadStore } from './stores/uploads.ts';
import type { Validation } from './stores/validation.ts';

export interface DistributionOptions {
  /** Its tables are brought up to date by {@link prepareDistribution}. */
  readonly database: Database<DistributionTables>;
  readonly storage: StorageDriver;
  readonly accessControl: AccessControl;
  readonly audit: AuditLog;
  readonly logger: Logger;
  /** Who a request comes from and where he thinks that it went. */
  readonly client: (request: IncomingMessage) => Client;
  /** `storage.delete.enabled` of the configuration. */
  readonly deleteEnabled: boolean;
  /** `http.relativeurls` of the configuration. */
  readonly relativeUrls: boolean;
  readonly validation: Validation;
  /** Called as an upload goes on: what was received is dead by then. */
  readonly freeBuffers?: (() => void) | undefined;
}

export interface Distribution {
  /** The registry's API below `/v2/`. */
  readonly middleware: Middleware;
  readonly adminRoutes: readonly AdminRoute[];
  /** Cleans up after a crash; to be awaited before the port opens. */
  recover(): Promise<void>;
  /** Ends uploads in which nothing was written since `before`, in milliseconds since 1970; resolves to their ids. */
  purgeUploads(before: number, options: { readonly dryRun: boolean }): Promise<string[]>;
}

/** Brings the tables up to date and answers what others need of them. */
export async function prepareDistribution(database: Database<DistributionTables>): Promise<FindRepository> {
  await database.migrate('distribution', migrations);
  return repositoryFacts(database);
}

/** The registry: needs {@link prepareDistribution} to have run on its database. */
export function createDistribution(options: DistributionOptions): Distribution {
  const { database, storage, logger, audit, freeBuffers } = options;
  const context = { database, storage, logger };
  const findRepository = repositoryFacts(database);
  const uploads = new UploadStore(context, freeBuffers);
  const blobs = new BlobStore(context);
  const lists = listHandlers(database.reader);
  const handlers = {
    blobs: blobHandlers(blobs),
    lists,
    manifests: manifestHandlers(new ManifestStore(context, options.validation)),
    uploads: uploadHandlers({ uploads, blobs }),
  };
  return {
    middleware: distributionApp({
      ...options,
      findRepository,
      routes: routes(handlers),
      catalog: lists.catalog,
    }),
    adminRoutes: repositoryRoutes({ database, audit }),
    recover: () => uploads.recover(),
    purgeUploads: (before, purge) => uploads.purge(before, purge),
  };
}
