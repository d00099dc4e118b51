import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type BerthProcess, type Person, startBerth } from './berth-process.ts';
import { type CommandResult, run } from './command.ts';
import { type LayoutContent, writeLayout } from './layout.ts';
import { basic, fetchToken } from './registry-client.ts';
import { removeFolder, temporaryFolder } from './temporary.ts';

/** Milliseconds that a client, and a test of one, may take. */
export const clientTimeout = 120_000;

/** A real server, an account that is no admin, and something to push: what the tests of a client start from. */
export interface ClientRegistry {
  readonly berth: BerthProcess;
  /** The account `clients`, which owns `clients/**`. */
  readonly who: Person;
  /** A personal access token of it. */
  readonly token: string;
  /** For whatever the client writes; removed at the end. */
  readonly folder: string;
  /** An OCI image layout. */
  readonly layout: string;
  readonly content: LayoutContent;
  /** `localhost:<port>/clients/<name>`. */
  name(repository: string): string;
  /** The digest of a manifest as the registry says it, or undefined where it is not there. */
  digestOf(repository: string, reference: string): Promise<string | undefined>;
  /** The digests that the referrers API lists. */
  referrersOf(repository: string, digest: string): Promise<string[]>;
  remove(): Promise<void>;
}

export async function startClientRegistry(): Promise<ClientRegistry> {
  const folder = await temporaryFolder();
  const layout = join(folder, 'layout');
  const content = await writeLayout(layout);
  const admin = { name: 'admin', password: 'the-password-of-the-admin' };
  const who = { name: 'clients', password: 'the-password-of-the-clients' };
  const berth = await startBerth({
    env: { BERTH_ADMIN_PASSWORD: admin.password, REGISTRY_LOG_LEVEL: 'debug' },
  });
  await post(berth, admin, '/users', who);
  const { secret } = (await post(berth, who, '/tokens', { name: 'clients' })) as { secret: string };
  const ask = async (repository: string, path: string, method = 'GET') => {
    const token = await fetchToken(berth, `repository:clients/${repository}:pull`, who);
    const headers = { authorization: `Bearer ${token}` };
    return fetch(`${berth.url}/v2/clients/${repository}/${path}`, { method, headers });
  };
  return {
    berth,
    who,
    token: secret,
    folder,
    layout,
    content,
    name: (repository) => `${berth.host}/clients/${repository}`,
    async digestOf(repository, reference) {
      const { headers } = await ask(repository, `manifests/${reference}`, 'HEAD');
      return headers.get('docker-content-digest') ?? undefined;
    },
    async referrersOf(repository, digest) {
      const answer = await ask(repository, `referrers/${digest}`);
      const { manifests } = (await answer.json()) as { manifests: { digest: string }[] };
      return manifests.map((manifest) => manifest.digest);
    },
    async remove() {
      await berth.remove();
      await removeFolder(folder);
    },
  };
}

async function post(berth: BerthProcess, who: Person, path: string, body: object): Promise<unknown> {
  const answer = await fetch(`${berth.url}/api/v1${path}`, {
    method: 'POST',
    headers: { authorization: basic(who), 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (answer.status !== 201) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

/** A program of a client with a home of its own. */
export interface Client {
  call(args: readonly string[], input?: string): Promise<CommandResult>;
  /** The same, and an exit code other than 0 is an error. Gives the standard output without spaces at its ends. */
  ok(args: readonly string[], input?: string): Promise<string>;
}

/** A client that knows no login of this machine. `fixed` stands before the arguments of each call. */
export function clientOf(program: string, folder: string, fixed: readonly string[] = []): Client {
  const home = join(folder, 'home');
  const env = {
    PATH: process.env['PATH'],
    HOME: home,
    DOCKER_CONFIG: home,
    REGISTRY_AUTH_FILE: join(home, 'auth.json'),
    XDG_RUNTIME_DIR: join(home, 'run'),
  };
  const call: Client['call'] = async (args, input = '') => {
    await mkdir(join(home, 'run'), { recursive: true });
    return run(program, [...fixed, ...args], { env, input, cwd: folder, timeout: clientTimeout });
  };
  const ok: Client['ok'] = async (args, input) => {
    const result = await call(args, input);
    if (result.code !== 0)
      throw new Error(`${program} ${args.join(' ')} ended with ${result.code}:\n${result.output}`);
    return result.stdout.trim();
  };
  return { call, ok };
}

/** What a client says to somebody who may not. */
const refusal =
  /unauthorized|denied|invalid username\/password|authentication required|authorization failed|\b401\b/i;

/** It was no, in the client's own words; and neither a fault of the server nor a hang, which would be killed. */
export function expectRefused(result: CommandResult): void {
  expect(result.output).toMatch(refusal);
  expect(result.output).not.toMatch(/\b50\d\b|internal server error|time-?out/i);
  expect(result.code).toBeGreaterThan(0);
}

export interface LoginCommands {
  /** Reads the password from its standard input. */
  readonly login: readonly string[];
  readonly logout: readonly string[];
}

/** How podman, skopeo and buildah log in to a registry without TLS. */
export function plainLogin({ who, berth }: ClientRegistry): LoginCommands {
  const login = ['login', '--tls-verify=false', '-u', who.name, '--password-stdin', berth.host];
  return { login, logout: ['logout', berth.host] };
}

/** The tests of a client's login: with a wrong password, the password and a token, which it stays logged in with. */
export function testLogin(
  registry: () => ClientRegistry,
  client: () => Client,
  commands: () => LoginCommands,
): void {
  const login = async (password: string) => {
    const { code, output } = await client().call(commands().login, password);
    if (code !== 0) throw new Error(output);
    await client().ok(commands().logout);
  };

  test('is refused with a wrong password', async () => {
    expectRefused(await client().call(commands().login, 'wrong'));
  });

  test('logs in with the password', () => login(registry().who.password));

  test('logs in with a personal access token', async () => {
    await login(registry().token);
    await client().call(commands().login, registry().token);
  });
}
