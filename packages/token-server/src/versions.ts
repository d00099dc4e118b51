import { readVersions } from '@berth/database';
import type { TokenDatabase } from './database.ts';

/** What is remembered with which version of what it came from. */
export interface Versions {
  /** Grants, members, accounts, credentials, visibility: everything that a decision rests on. */
  readonly policy: number;
  /** Signing keys. */
  readonly keys: number;
}

export type ReadVersions = () => Promise<Versions> | Versions;

/** Asked at every request. */
export function versionReader(database: TokenDatabase): ReadVersions {
  const read = async () => {
    const versions = await readVersions(database.reader);
    return { policy: versions.get('policy') ?? 0, keys: versions.get('keys') ?? 0 };
  };
  return () => database.remembered('versions', read);
}
