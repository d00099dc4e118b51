import type { Account } from '@berth/protocol';
import { LRUCache } from 'lru-cache';
import type { CredentialScope } from '../authenticators/authenticator.ts';
import { decodeScopes } from '../credentials/scopes.ts';
import type { Queries, TokenDatabase } from '../database.ts';
import { teamsOf } from '../subjects/teams.ts';
import type { ReadVersions, Versions } from '../versions.ts';
import { grantsReaching } from './grant-queries.ts';
import { compilePrincipal, type Principal, type Principals, type Who } from './principal.ts';

/** What is remembered of one account, at one version of the policy. */
interface Compiled {
  readonly version: number;
  readonly principal: Principal;
  readonly epoch: number;
  /** Its credentials that were used. They are made without moving the version, and end by moving it. */
  readonly credentials: Map<string, Credential>;
}

interface Credential {
  readonly limits: readonly CredentialScope[] | null;
  readonly expiresAt: number | null;
}

/** Accounts that are remembered; one with ten grants takes about 5 kB. */
const mostRemembered = 10_000;

const anonymousKey = '';

/**
 * Compiles principals once for each version of the policy. The version is read before the rows, so that what is
 * remembered is never older than its version says.
 */
export function createPrincipals(database: TokenDatabase, versions: ReadVersions): Principals {
  const remembered = new LRUCache<string, Compiled>({ max: mostRemembered });
  const local = compilePrincipal({ account: null, admin: true, teams: [], grants: [] });

  const compiled = async (uid: string | undefined, at?: Versions): Promise<Compiled | undefined> => {
    const { policy: version } = at ?? (await versions());
    const known = remembered.get(uid ?? anonymousKey);
    if (known?.version === version) return known;
    const loaded = await loadAccount(database.reader, uid);
    if (loaded === undefined) return undefined;
    const entry = { ...loaded, version, credentials: new Map() };
    remembered.set(uid ?? anonymousKey, entry);
    return entry;
  };

  return {
    async load({ uid, epoch, cid }, at) {
      const entry = await compiled(uid, at);
      if (entry === undefined || (epoch !== undefined && epoch !== entry.epoch)) return undefined;
      if (cid === undefined) return entry.principal;
      const credential = await credentialOf(database.reader, entry, { uid, cid });
      return credential && narrowed(entry.principal, credential);
    },
    async anonymous() {
      const entry = await compiled(undefined);
      if (entry === undefined) throw new TypeError('anonymous is always there');
      return entry.principal;
    },
    local: () => local,
  };
}

async function loadAccount(
  db: Queries,
  uid: string | undefined,
): Promise<{ principal: Principal; epoch: number } | undefined> {
  if (uid === undefined) return { principal: await compiledFor(db, null, false), epoch: 0 };
  const row = await db.selectFrom('subject').selectAll().where('id', '=', uid).executeTakeFirst();
  if (row === undefined || row.kind === 'team' || row.disabled !== 0) return undefined;
  const account = { id: row.id, name: row.name, kind: row.kind };
  return { principal: await compiledFor(db, account, row.admin !== 0), epoch: row.epoch };
}

async function compiledFor(db: Queries, account: Account | null, admin: boolean): Promise<Principal> {
  const teams = account === null ? [] : await teamsOf(db, account.id);
  const grants = await grantsReaching(db, account?.id);
  return compilePrincipal({ account, admin, teams: teams.map(({ name }) => name), grants });
}

/** `undefined` where it is gone, has expired, or is another account's. */
async function credentialOf(
  db: Queries,
  entry: Compiled,
  { uid, cid }: Who,
): Promise<Credential | undefined> {
  if (uid === undefined || cid === undefined) return undefined;
  const credential = entry.credentials.get(cid) ?? (await loadCredential(db, uid, cid));
  if (credential === undefined) return undefined;
  entry.credentials.set(cid, credential);
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

function narrowed(principal: Principal, { limits, expiresAt }: Credential): Principal {
  return limits === null && expiresAt === null
    ? principal
    : { ...principal, limits, credentialExpiresAt: expiresAt };
}
