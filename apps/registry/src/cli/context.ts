import { adminClient, httpClient, localClient, type AdminClient } from './client.ts';
import { usageError } from './errors.ts';
import type { Hosts } from './hosts.ts';
import { authorizationOf, findLogin, parseServer, type Login } from './login.ts';
import { createOutput, type Output } from './output.ts';

/** Options that every command takes. */
export interface GlobalOptions {
  readonly server?: string;
  /** Written `--user`. */
  readonly login?: string;
  readonly json?: boolean;
  readonly config?: string;
}

/** What a command works with. */
export interface Context {
  readonly hosts: Hosts;
  readonly globals: GlobalOptions;
  readonly output: Output;
  /** The server elsewhere or the one in this process; opened by its first request. */
  readonly api: AdminClient;
  /** How one logs in to the server elsewhere, asked for once. Rejects where there is none. */
  login(): Promise<Login>;
}

export function createContext(hosts: Hosts, globals: GlobalOptions): Context {
  const server = serverOf(hosts, globals);
  let known: Promise<Login> | undefined;
  const login = () => {
    if (!server)
      return Promise.reject(
        usageError('this needs --server <url>: on this machine you are nobody in particular'),
      );
    known ??= findLogin(hosts, globals.login);
    return known;
  };
  const open = async () => {
    if (!server) return openLocal(hosts, globals.config);
    const address = parseServer(server);
    return httpClient({ server: address, authorization: authorizationOf(await login()) });
  };
  return {
    hosts,
    globals,
    output: createOutput(hosts.stdout, globals.json === true),
    api: lazyClient(open),
    login,
  };
}

/** `undefined` is this machine. Throws `CommandError` for an empty --server, which a variable that is not set leaves. */
function serverOf({ environment }: Hosts, { server }: GlobalOptions): string | undefined {
  if (server === '') throw usageError('--server is empty: write it as http://host:5000 or https://host');
  return server ?? (environment.server || undefined);
}

async function openLocal(hosts: Hosts, config: string | undefined): Promise<AdminClient> {
  const server = await hosts.openLocal({ config });
  return { ...localClient(server.handler, server.registryHost), close: () => server.close() };
}

/** Opens with the first request, so that a command which needs none asks for nothing. */
function lazyClient(open: () => Promise<AdminClient>): AdminClient {
  let opened: Promise<AdminClient> | undefined;
  const client = () => (opened ??= open());
  return adminClient({
    exchange: async (method, path, body) => (await client()).exchange(method, path, body),
    registryHost: async () => (await client()).registryHost(),
    async close() {
      const one = await opened?.catch(() => undefined);
      await one?.close();
    },
  });
}
