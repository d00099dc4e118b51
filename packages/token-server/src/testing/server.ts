import { openDatabase } from '@berth/database';
import { parseRepositoryName, type Logger, type RepositoryFacts, type Visibility } from '@berth/protocol';
import { clientResolver } from '@berth/protocol/http';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TokenDatabase } from '../database.ts';
import { migrations } from '../schema/migrations.ts';
import type { TokenServerTables } from '../schema/tables.ts';
import { createTokenServer, type TokenServer, type TokenServerOptions } from '../token-server.ts';

export const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };

export function basic(user: string, secret: string): string {
  return `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`;
}

/** A token server on a database of its own. */
export interface OpenServer {
  readonly server: TokenServer;
  readonly database: TokenDatabase;
  /** Existing repositories; what is not in it does not exist. */
  readonly repositories: Map<string, Visibility>;
  facts(name: string): RepositoryFacts;
  close(): Promise<void>;
}

export async function openServer(options: Partial<TokenServerOptions> = {}): Promise<OpenServer> {
  const { database, remove } = await openTemporary();
  const repositories = new Map<string, Visibility>();
  const facts = (name: string): RepositoryFacts => ({
    name: parseRepositoryName(name),
    visibility: repositories.get(name) ?? 'private',
    exists: repositories.has(name),
  });
  const server = await createTokenServer({
    database,
    registry: {
      service: 'berth',
      findRepository: async (name) => facts(name),
      hasRepositoriesBelow: async (name) =>
        [...repositories.keys()].some((text) => text.startsWith(`${name}/`)),
    },
    client: clientResolver({ trustedProxies: [] }),
    logger: silent,
    ...options,
  });
  const close = async () => {
    await server.close();
    await remove();
  };
  return { server, database, repositories, facts, close };
}

/** A database with the tables, and nothing in them. */
export async function openTemporary(): Promise<{ database: TokenDatabase; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'berth-token-server-'));
  const database = await openDatabase<TokenServerTables>(join(folder, 'berth.db'));
  await database.migrate('token-server', migrations);
  const remove = async () => {
    await database.close();
    await rm(folder, { recursive: true });
  };
  return { database, remove };
}
