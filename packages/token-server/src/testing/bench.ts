import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { moveVersion } from '@berth/database';
import type { Access, Account, Action, Scope } from '@berth/protocol';
import { edge, throughKoa } from '@berth/protocol/http';
import Koa from 'koa';
import { insertToken } from '../credentials/personal-tokens.ts';
import { createPasswordHasher } from '../credentials/password-hash.ts';
import { encodeScopes, type ScopeText } from '../credentials/scopes.ts';
import { hashSecret, makeSecret } from '../credentials/secret.ts';
import type { TokenDatabase, TokenTransaction } from '../database.ts';
import { deleteGrant, insertGrant } from '../grants/grants.ts';
import type { AccessGrantTable } from '../schema/access-grant.ts';
import type { CredentialTable } from '../schema/credential.ts';
import { insertRobot } from '../subjects/robots.ts';
import { addMember, insertTeam } from '../subjects/teams.ts';
import { insertUser } from '../subjects/users.ts';
import type { TokenServer, TokenServerOptions } from '../token-server.ts';
import { basic as basicOf, openServer, silent, type OpenServer } from './server.ts';

export const password = 'correct horse';

export interface GrantText {
  readonly effect?: 'allow' | 'deny';
  readonly kind: AccessGrantTable['subject_kind'];
  readonly subject?: string;
  readonly pattern: string;
  readonly actions: readonly Action[];
  readonly tags?: string;
  readonly expiresAt?: number;
}

export interface TokenLimits {
  readonly scopes?: readonly ScopeText[];
  readonly expiresAt?: number;
}

/** A token server on a port, and short ways to put things into its database. */
export interface Bench extends OpenServer {
  readonly origin: string;
  /** With {@link password}. */
  addUser(name: string, more?: { admin?: boolean }): Promise<Account>;
  addRobot(name: string): Promise<Account>;
  addTeam(name: string, ...members: Account[]): Promise<string>;
  /** The id. */
  addGrant(grant: GrantText): Promise<string>;
  removeGrant(id: string): Promise<void>;
  addToken(owner: Account, limits?: TokenLimits): Promise<{ id: string; secret: string }>;
  /** In one transaction that moves the policy. */
  change(work: (trx: TokenTransaction) => Promise<unknown>): Promise<void>;
  /** Asks for a token, and for nothing else. */
  token(authorization: string | undefined, ...scopes: string[]): Promise<string>;
  access(authorization: string | undefined, needed?: Scope[]): Promise<Access>;
}

export function basic(user: string, secret: string = password): string {
  return basicOf(user, secret);
}

export async function openBench(options: Partial<TokenServerOptions> = {}): Promise<Bench> {
  const { server, database, repositories, facts, close } = await openServer(options);
  const port = await listen(server);
  const origin = `http://127.0.0.1:${port.number}`;
  const token = async (authorization: string | undefined, ...scopes: string[]) => {
    const query = new URLSearchParams(scopes.map((scope) => ['scope', scope]));
    const response = await fetch(`${origin}/auth/token?${query}`, {
      headers: authorization === undefined ? {} : { authorization },
    });
    return ((await response.json()) as { token: string }).token;
  };
  return {
    origin,
    server,
    database,
    repositories,
    facts,
    ...makers(database),
    token,
    access: (authorization, needed = []) =>
      server.accessControl.authenticate({ authorization, origin, address: '127.0.0.1' }, needed),
    async close() {
      await port.close();
      await close();
    },
  };
}

async function listen(server: TokenServer): Promise<{ number: number; close: () => Promise<void> }> {
  const app = new Koa();
  app.use(server.tokenRoutes);
  const http = createServer(edge({ logger: silent }, throughKoa(app)));
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const close = async () => {
    const closed = new Promise((resolve) => http.close(resolve));
    http.closeAllConnections();
    await closed;
  };
  return { number: (http.address() as AddressInfo).port, close };
}

function makers(database: TokenDatabase) {
  const passwordHash = createPasswordHasher().hash(password);
  const change: Bench['change'] = (work) =>
    database.transaction(async (trx) => {
      await work(trx);
      await moveVersion(trx, 'policy');
    });
  return {
    change,
    async addUser(name: string, { admin = false } = {}): Promise<Account> {
      const user = { name, createdBy: 'test', passwordHash: await passwordHash, admin };
      const { id } = await database.transaction((trx) => insertUser(trx, user));
      return { id, name, kind: 'user' };
    },
    async addRobot(name: string): Promise<Account> {
      const robot = { name, pattern: '**', createdBy: 'test' };
      const { id } = await database.transaction((trx) => insertRobot(trx, robot));
      return { id, name, kind: 'robot' };
    },
    async addTeam(name: string, ...members: Account[]): Promise<string> {
      let id = '';
      await change(async (trx) => {
        ({ id } = await insertTeam(trx, { name, createdBy: 'test' }));
        for (const member of members) await addMember(trx, id, member.id);
      });
      return id;
    },
    async addGrant(grant: GrantText): Promise<string> {
      let id = '';
      await change(async (trx) => {
        ({ id } = await insertGrant(trx, grantRow(grant)));
      });
      return id;
    },
    removeGrant: (id: string) => change((trx) => deleteGrant(trx, id)),
    async addToken(owner: Account, limits: TokenLimits = {}) {
      const secret = makeSecret();
      const row = tokenRow(owner, secret, limits);
      await database.transaction((trx) => insertToken(trx, row));
      return { id: row.id, secret };
    },
  };
}

function grantRow({ effect = 'allow', kind, subject, pattern, actions, tags, expiresAt }: GrantText) {
  return {
    effect,
    subject_kind: kind,
    subject_id: subject ?? null,
    pattern,
    actions: JSON.stringify(actions),
    role: null,
    tags: tags ?? null,
    expires_at: expiresAt ?? null,
    comment: null,
    created_by: 'test',
    by_admin: 1,
  };
}

function tokenRow(owner: Account, secret: string, { scopes, expiresAt }: TokenLimits): CredentialTable {
  const hash = hashSecret(secret);
  return {
    id: hash.slice(0, 12),
    kind: 'personal',
    subject_id: owner.id,
    name: 'test',
    secret_hash: hash,
    scopes: encodeScopes(scopes ?? null),
    service: null,
    epoch: 0,
    created_at: Date.now(),
    expires_at: expiresAt ?? null,
    last_used_at: null,
  };
}
