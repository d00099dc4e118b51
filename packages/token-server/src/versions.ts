import type { Kysely } from 'kysely';
import type { TokenDatabase } from './database.ts';

/** What is remembered with which version of what it came from. */
export interface Versions {
  /** Grants, members, accounts, credentials, visibility: everything that a decision rests on. */
  readonly policy: number;
  /** Signing keys. */
  readonly keys: number;
}

export type ReadVersions = () => Promise<Versions>;

/** Asked at every request, so the query is compiled once. */
export function versionReader(database: TokenDatabase): ReadVersions {
  const reader = database.reader as unknown as Kysely<{ version: { name: string; value: number } }>;
  const query = reader
    .selectFrom('version')
    .select(['name', 'value'])
    .where('name', 'in', ['policy', 'keys'])
    .compile();
  return async () => {
    const { rows } = await reader.executeQuery(query);
    const of = (name: string) => rows.find((row) => row.name === name)?.value ?? 0;
    return { policy: of('policy'), keys: of('keys') };
  };
}
