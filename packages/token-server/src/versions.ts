import { readVersion } from '@berth/database';
import type { TokenDatabase } from './database.ts';

/** What is remembered with which version of what it came from. */
export interface Versions {
  /** Grants, members, accounts, credentials, visibility: everything that a decision rests on. */
  readonly policy: number;
  /** Signing keys. */
  readonly keys: number;
}

export type ReadVersions = () => Promise<Versions>;

/** Asked at every request. */
export function versionReader(database: TokenDatabase): ReadVersions {
  const read = async () => ({
    policy: await readVersion(database.reader, 'policy'),
    keys: await readVersion(database.reader, 'keys'),
  });
  return () => database.remembered('versions', read);
}
