import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { moveVersion, openDatabase } from '@berth/database';
import {
  parseRepositoryName,
  type Access,
  type Account,
  type Action,
  type Logger,
  type RepositoryFacts,
  type Scope,
  type Visibility,
} from '@berth/protocol';
import { clientResolver, edge } from '@berth/protocol/http';
import Koa from 'koa';
import { insertToken } from '../credentials/personal-tokens.ts';
import { createPasswordHasher } from '../credentials/password-hash.ts';
import { encodeScopes, type ScopeText } from '../credentials/scopes.ts';
import { hashSecret, makeSecret } from '../credentials/secret.ts';
import type { TokenDatabase, TokenTransaction } from '../database.ts';
import { deleteGrant, insertGrant } from '../grants/grants.ts';
import type { AccessGrantTable } from '../schema/access-grant.ts';
import type { TokenServerTables } from '../schema/tables.ts';
import { insertRobot } from '../subjects/robots.ts';
import { addMember, insertTeam } from '../subjects/teams.ts';
import { insertUser } from '../subjects/users.ts';
import { createTokenServer, type TokenServer, type TokenServerOptions } from '../token-server.ts';

export const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };

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

/** A whole token server on a port, with a database of its own, and short ways to put things into it. */
export interface Bench {
  readonly origin: string;
  readonly server: TokenServer;
  readonly database: TokenDatabase;
  /** Existing repositories; what is not in it does not exist. */
  readonly repositories: Map<string, Visibility>;
  facts(name: string): RepositoryFacts;
  /** With {@link password}. */
  addUser(name: string, more?: { admin?: boolean }): Promise<Account>;
  addRobot(name: string): Promise<Account>;
  addTeam(name: string, ...members: Account[]): Promise<string>;
  /** The id. */
  addGrant(grant: GrantText): Promise<string>;
  removeGrant(id: string): Promise<void>;
  addToken(
    owner: Account,
    more?: { scopes?: ScopeText[]; expiresAt?: number },
  ): Promise<{ id: string; secret: string }>;
  /** In one transaction that moves the policy. */
  change(work: (trx: TokenTransaction) => Promise<unknown>): Promise<void>;
  /** Asks for a token, and for nothing else. */
  token(authorization: string | undefined, ...scopes: string[]): Promise<string>;
  access(authorization: string | undefined, needed?: Scope[]): Promise<Access>;
  close(): Promise<void>;
}

export function basic(user: string, secret: string = password): string {
  return `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`;
}

export async function openBench(options: Partial<TokenServerOptions> = {}): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'berth-token-server-'));
  const database = await openDatabase<TokenServerTables>(join(folder, 'berth.db'));
  const repositories = new Map<string, Visibility>();
  const facts = (name: string): RepositoryFacts => ({
    name: parseRepositoryName(name),
    visibility: repositories.get(name) ?? 'private',
    exists: repositories.has(name),
  });
  const server = await createTokenServer({
    database,
    findRepository: async (name) => facts(name),
    hasRepositoriesBelow: async () => false,
    client: clientResolver({ trustedProxies: [] }),
    logger: silent,
    ...options,
  });
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
      await server.close();
      await database.close();
      await rm(folder, { recursive: true });
    },
  };
}

async function listen(server: TokenServer): Promise<{ number: number; close: () => Promise<void> }> {
  const app = new Koa();
  app.use(edge({ logger: silent })).use(server.tokenRoutes);
  const http = await new Promise<ReturnType<Koa['listen']>>((resolve) => {
    const listening = app.listen(0, '127.0.0.1', () => resolve(listening));
  });
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
    async addGrant({
      effect = 'allow',
      kind,
      subject,
      pattern,
      actions,
      tags,
      expiresAt,
    }: GrantText): Promise<string> {
      let id = '';
      const row = {
        effect,
        subject_kind: kind,
        subject_id: subject ?? null,
        pattern,
        actions: JSON.stringify(actions),
      };
      const rest = { role: null, tags: tags ?? null, expires_at: expiresAt ?? null, comment: null };
      await change(async (trx) => {
        ({ id } = await insertGrant(trx, { ...row, ...rest, created_by: 'test', by_admin: 1 }));
      });
      return id;
    },
    removeGrant: (id: string) => change((trx) => deleteGrant(trx, id)),
    async addToken(owner: Account, { scopes, expiresAt }: { scopes?: ScopeText[]; expiresAt?: number } = {}) {
      const secret = makeSecret();
      const id = hashSecret(secret).slice(0, 12);
      const times = { created_at: Date.now(), expires_at: expiresAt ?? null, last_used_at: null };
      const row = {
        id,
        kind: 'personal' as const,
        subject_id: owner.id,
        name: 'test',
        secret_hash: hashSecret(secret),
      };
      await database.transaction((trx) =>
        insertToken(trx, { ...row, ...times, scopes: encodeScopes(scopes ?? null), service: null, epoch: 0 }),
      );
      return { id, secret };
    },
  };
}
