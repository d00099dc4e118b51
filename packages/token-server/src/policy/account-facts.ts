import type { Account } from '@berth/protocol';
import { decodeScopes, type CredentialScope } from '../credentials/scopes.ts';
import type { Queries } from '../database.ts';
import { teamsOf } from '../subjects/teams.ts';
import type { Principal } from './principal.ts';

/** What an account is, beside its grants. */
export interface AccountFacts {
  /** `null` for anonymous. */
  readonly account: Account | null;
  readonly admin: boolean;
  readonly epoch: number;
  readonly teams: readonly { readonly id: string; readonly name: string }[];
  /** Its credentials that were used. To make one does not move the policy version, to delete one does. */
  readonly credentials: Map<string, Credential>;
}

export interface Credential {
  readonly limits: readonly CredentialScope[] | null;
  readonly expiresAt: number | null;
}

/** `undefined` where it is gone or disabled. */
export async function loadAccount(db: Queries, uid: string): Promise<AccountFacts | undefined> {
  const row = await db
    .selectFrom('subject')
    .select(['id', 'name', 'kind', 'disabled', 'admin', 'epoch'])
    .where('id', '=', uid)
    .executeTakeFirst();
  if (row === undefined || row.kind === 'team' || row.disabled !== 0) return undefined;
  const teams = await teamsOf(db, uid);
  return {
    account: { id: row.id, name: row.name, kind: row.kind },
    admin: row.admin !== 0,
    epoch: row.epoch,
    teams: teams.map(({ id, name }) => ({ id, name })),
    credentials: new Map(),
  };
}

/** `undefined` where it is gone, has expired, or is another account's. */
export async function credentialOf(
  db: Queries,
  { account, credentials }: AccountFacts,
  cid: string,
): Promise<Credential | undefined> {
  if (account === null) return undefined;
  const credential = credentials.get(cid) ?? (await loadCredential(db, account.id, cid));
  if (credential === undefined) return undefined;
  credentials.set(cid, credential);
  return credential.expiresAt !== null && credential.expiresAt <= Date.now() ? undefined : credential;
}

async function loadCredential(db: Queries, uid: string, cid: string): Promise<Credential | undefined> {
  const row = await db
    .selectFrom('credential')
    .select(['scopes', 'expires_at'])
    .where('id', '=', cid)
    .where('subject_id', '=', uid)
    .where('kind', '=', 'personal')
    .executeTakeFirst();
  return row && { limits: decodeScopes(row.scopes), expiresAt: row.expires_at };
}

/** The principal with the limits of a credential. */
export function narrowed(principal: Principal, { limits, expiresAt }: Credential): Principal {
  return limits === null && expiresAt === null
    ? principal
    : { ...principal, limits, credentialExpiresAt: expiresAt };
}
