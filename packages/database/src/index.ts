export { compiledOnce, type Answered } from './compiled.ts';
export { checkDatabase, removeBeside, removeSqlite } from './copy.ts';
export { busyLimit, openDatabase, type Database } from './database.ts';
export { DatabaseError, isUniqueViolation, type DatabaseErrorCode } from './errors.ts';
export { forgetLeases, leaseHeld, releaseLease, takeLease, type Lease, type LeaseRequest } from './lease.ts';
export type { Migration, Migrations } from './migrate.ts';
export { moveVersion, readVersion, readVersions } from './version.ts';
