import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { folderStorage } from './storage.ts';
import type { Place, ServerKind } from './server.ts';
import { startServer } from './start-server.ts';

const repository = resolve(import.meta.dirname, '../../../..');

export interface BerthOptions {
  /** Run as built, which `pnpm build` has to have done. */
  readonly dist: boolean;
  /** Folder for a CPU profile. */
  readonly profile?: string | undefined;
  /** Whether it logs each request, as it does unless told otherwise. */
  readonly log?: boolean;
  /** Another tree of this repository than the one that measures. */
  readonly tree?: string;
}

/** Berth as its users run it: accounts and tokens on. */
export function berth({ dist, profile, log = false, tree = repository }: BerthOptions): ServerKind {
  const kind = { name: 'berth', title: dist ? 'Berth (built)' : 'Berth' };
  const nodeOptions = [
    ...(dist ? [] : ['--conditions=source']),
    ...(profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${resolve(profile)}`]),
  ];
  return {
    ...kind,
    onS3: true,
    advice: 'it is this repository',
    locate: async () => process.execPath,
    async start(program, place) {
      const password = randomBytes(24).toString('base64url');
      const file = join(place.folder, 'config.yml');
      await writeFile(file, await configuration(place, log));
      const command = {
        file: program,
        args: [...nodeOptions, join(tree, 'apps/registry/bin/berth.js'), 'serve', file],
        env: { BERTH_ADMIN_PASSWORD: password },
        // The port is open a moment before the first account is there.
        greeting: 'Berth listens on',
        authorize: (url: string, scopes: readonly string[]) => bearer(url, password, scopes),
      };
      return startServer(kind, command, place);
    },
  };
}

/** A token outlives the measurement: what is measured is the registry, as between two logins. */
async function configuration(
  { folder, port, storage = folderStorage }: Place,
  log: boolean,
): Promise<string> {
  return JSON.stringify({
    version: 0.1,
    log: { level: log ? 'info' : 'error' },
    storage: await storage.section(folder),
    ...(!storage.inFolder && { database: `sqlite:${join(folder, 'berth.db')}` }),
    auth: { builtin: { expiration: 86_400 } },
    http: { addr: `127.0.0.1:${port}` },
  });
}

async function bearer(
  url: string,
  password: string,
  scopes: readonly string[],
): Promise<Record<string, string>> {
  const query = new URLSearchParams([['service', 'berth'], ...scopes.map((scope) => ['scope', scope])]);
  const authorization = `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`;
  const answer = await fetch(`${url}/auth/token?${query}`, { headers: { authorization } });
  if (!answer.ok) throw new Error(`no token from Berth: ${answer.status} ${await answer.text()}`);
  const { token } = (await answer.json()) as { token: string };
  return { authorization: `Bearer ${token}` };
}
