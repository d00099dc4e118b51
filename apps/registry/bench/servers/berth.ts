import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { ServerKind } from './server.ts';
import { startServer } from './start-server.ts';

const launcher = resolve(import.meta.dirname, '../../bin/berth.js');

/** `dist` runs it as built, which `pnpm build` has to have done; `profile` is the folder of a CPU profile. */
export interface BerthOptions {
  readonly dist: boolean;
  readonly profile?: string | undefined;
}

/** Berth as its users run it: accounts and tokens on. */
export function berth({ dist, profile }: BerthOptions): ServerKind {
  const kind = { name: 'berth', title: dist ? 'Berth (built)' : 'Berth' };
  const nodeOptions = [
    ...(dist ? [] : ['--conditions=source']),
    ...(profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${resolve(profile)}`]),
  ];
  return {
    ...kind,
    advice: 'it is this repository',
    locate: async () => process.execPath,
    async start(program, place) {
      const password = randomBytes(24).toString('base64url');
      const file = join(place.folder, 'config.yml');
      await writeFile(file, configuration(place.folder, place.port));
      const command = {
        file: program,
        args: [...nodeOptions, launcher, 'serve', file],
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
function configuration(folder: string, port: number): string {
  return JSON.stringify({
    version: 0.1,
    log: { level: 'error' },
    storage: { filesystem: { rootdirectory: join(folder, 'data') } },
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
