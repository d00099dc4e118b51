export { foreignTokenAccess, type ForeignTokenOptions } from './claims/access-control.ts';
export {
  createDistribution,
  prepareDistribution,
  type Distribution,
  type DistributionOptions,
} from './distribution.ts';
export type { ImportOptions, ImportOutcome } from './import/import-registry.ts';
export type { ImportReport, SkippedKind } from './import/report.ts';
export type { ImportProgress } from './import/run.ts';
export type { Skip } from './import/skips.ts';
export { hasRepositoriesBelow } from './metadata/repositories.ts';
export type { DistributionTables } from './metadata/schema/tables.ts';
export type { Platform } from './manifest.ts';
export type { Validation } from './stores/validation.ts';
export type { Endpoint, Route } from './routes.ts';
