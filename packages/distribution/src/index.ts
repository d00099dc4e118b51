export { foreignTokenAccess, type ForeignTokenOptions } from './claims/access-control.ts';
export { signingAlgorithms, type SigningAlgorithm } from './claims/verify.ts';
export {
  createDistribution,
  prepareDistribution,
  type Distribution,
  type DistributionOptions,
} from './distribution.ts';
export { hasRepositoriesBelow } from './metadata/repositories.ts';
export type { DistributionTables } from './metadata/schema/tables.ts';
export type { Platform } from './manifest.ts';
export type { Validation } from './stores/validation.ts';
