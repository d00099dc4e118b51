import type { IncomingMessage } from 'node:http';
import type { Database } from '@berth/database';
import {
  withDenialsRecorded,
  type AccessControl,
  type AdminRoute,
  type FindRepository,
  type Logger,
  type TransactionalAuditLog,
} from '@berth/protocol';
import type { Client } from '@berth/protocol/http';
import type { StorageDriver } from '@berth/storage';
import { jobRoutes } from './admin/jobs.ts';
import { repositoryRoutes } from './admin/repositories.ts';
import { distributionApp, type AnswerRegistry } from './app.ts';
import { Collector, type Collected } from './collector/collector.ts';
import { blobHandlers } from './handlers/blobs.ts';
import { listHandlers } from './handlers/lists.ts';
import { manifestHandlers } from './handlers/manifests.ts';
import { uploadHandlers } from './handlers/uploads.ts';
import { importRegistry, type ImportOptions, type ImportOutcome } from './import/import-registry.ts';
import { allSkips } from './import/report.ts';
import type { Skip } from './import/skips.ts';
import { Jobs } from './jobs/jobs.ts';
import { findHidden, repositoryFacts } from './metadata/repositories.ts';
import { countQueues } from './metadata/reviews.ts';
import { migrations } from './metadata/schema/migrations.ts';
import type { DistributionTables } from './metadata/schema/tables.ts';
import { routes, type Route } from './routes.ts';
import { BlobStore } from './stores/blobs.ts';
import { ManifestStore } from './stores/manifests.ts';
import { UploadStore } from './stores/uploads.ts';
import type { Validation } from './stores/validation.ts';

export interface DistributionOptions {
  /** {@link prepareDistribution} must have brought its tables up to date. */
  readonly database: Database<DistributionTables>;
  readonly storage: StorageDriver;
  readonly accessControl: AccessControl;
  readonly audit: TransactionalAuditLog;
  readonly logger: Logger;
  /** The address of the client, and the origin under which it reached Berth. */
  readonly client: (request: IncomingMessage) => Client;
  /** `storage.delete.enabled` of the configuration. */
  readonly deleteEnabled: boolean;
  /** `storage.maintenance.readonly.enabled` of the configuration: nothing is pushed, deleted or collected. */
  readonly readOnly: boolean;
  /** Whether a pull of a blob is sent to where it lies, if the driver can do that: not `storage.redirect.disable`. */
  readonly redirectBlobs?: boolean;
  /** `http.relativeurls` of the configuration. */
  readonly relativeUrls: boolean;
  readonly validation: Validation;
  /** How long what may be an orphan is left alone, in milliseconds: `storage.maintenance.garbagecollection.delay`. */
  readonly reviewDelay: number;
  /** Called now and then during an upload: the buffers of what was received can be freed by then. */
  readonly freeBuffers?: (() => void) | undefined;
}

export interface Distribution {
  /** The registry's API below `/v2/`. */
  readonly answer: AnswerRegistry;
  /** The rows of that API that name a repository. */
  readonly routes: readonly Pick<Route, 'endpoint' | 'method' | 'needs'>[];
  readonly adminRoutes: readonly AdminRoute[];
  /** Cleans up after a crash, unless read-only; to be awaited before the port opens. */
  recover(): Promise<void>;
  /** Takes over what a `registry:2` has left in storage, once; to be awaited before the port opens. */
  importRegistry(options?: ImportOptions): Promise<ImportOutcome>;
  /** All that the import left out, or did not find whole. */
  importSkips(): AsyncIterable<Skip>;
  /** Ends uploads in which nothing was written since `before`, in milliseconds since 1970; resolves to their ids. */
  purgeUploads(before: number, options: { readonly dryRun: boolean }): Promise<string[]>;
  /** Whether {@link collect} would find anything to look at. */
  isCollectionDue(): Promise<boolean>;
  /** Takes away what nothing needs and is due. */
  collect(signal: AbortSignal): Promise<Collected>;
  /** Ends the job that runs in this process. Whether there was one. */
  close(): Promise<boolean>;
}

/** Brings the tables up to date and answers what others need of them. */
export async function prepareDistribution(database: Database<DistributionTables>): Promise<FindRepository> {
  await database.migrate('distribution', migrations);
  return repositoryFacts(database);
}

/** The registry: needs {@link prepareDistribution} to have run on its database. */
export function createDistribution(options: DistributionOptions): Distribution {
  const { database, storage, logger, audit, freeBuffers, deleteEnabled, readOnly } = options;
  const context = { database, storage, logger, now: Date.now, reviewDelay: options.reviewDelay };
  const findRepository = repositoryFacts(database);
  const uploads = new UploadStore(context, freeBuffers);
  const blobs = new BlobStore(context);
  const collector = new Collector(context);
  const jobs = new Jobs(context);
  const lists = listHandlers(database.reader);
  const handlers = {
    blobs: blobHandlers(blobs, { redirect: options.redirectBlobs ?? false, readOnly }),
    lists,
    manifests: manifestHandlers(new ManifestStore(context, options.validation)),
    uploads: uploadHandlers({ uploads, blobs }),
  };
  const table = routes(handlers);
  return {
    answer: distributionApp({
      ...options,
      findRepository,
      routes: table,
      catalog: lists.catalog,
    }),
    routes: table,
    adminRoutes: withDenialsRecorded(audit, [
      ...repositoryRoutes({ context, audit, deleteEnabled, readOnly }),
      ...jobRoutes({ context, jobs, audit, readOnly }),
    ]),
    recover: async () => {
      if (!readOnly) await uploads.recover();
    },
    importRegistry: (importing) => importRegistry(context, importing),
    importSkips: () => allSkips(database.reader),
    purgeUploads: (before, purge) => uploads.purge(before, purge),
    isCollectionDue: async () => {
      if ((await findHidden(database.reader)) !== undefined) return true;
      const due = await countQueues(database.reader, context.now());
      return Object.values(due).some((count) => count > 0);
    },
    collect: (signal) => {
      const now = context.now();
      return collector.run({ due: { before: now, usedBefore: now }, signal });
    },
    close: () => jobs.stop(),
  };
}
