import { spawn } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { freePort } from '@berth/storage-s3/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runOk } from './support/command.ts';
import { isRequired } from './support/require.ts';
import { removeFolder, temporaryFolder } from './support/temporary.ts';
import { until } from './support/waiting.ts';

const repository = resolve(import.meta.dirname, '../../..');

/** The environment of somebody who has nothing but npm: no tool of ours on the PATH, no setting of our package manager. */
function newcomer(port: number): Record<string, string | undefined> {
  const ours =
    /^(npm_(?!config_)|npm_config_user_agent|pnpm_|BERTH_|REGISTRY_|NODE_(OPTIONS|ENV)|VITEST|TURBO_|INIT_CWD$)/i;
  const others = Object.entries(process.env).filter(([name]) => !ours.test(name));
  const path = (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => !folder.includes('node_modules'));
  return {
    ...Object.fromEntries(others),
    PATH: path.join(delimiter),
    REGISTRY_HTTP_ADDR: `127.0.0.1:${port}`,
  };
}

/** Something of the process group still runs. */
function alive(group: number): boolean {
  try {
    return process.kill(-group, 0);
  } catch {
    return false;
  }
}

// It installs every dependency once more, which takes up to minutes: CI asks for it by name.
describe.skipIf(!isRequired('fresh-clone'))('a fresh clone', { timeout: 600_000 }, () => {
  let folder: string;
  let port: number;

  beforeAll(async () => {
    folder = await temporaryFolder();
    port = await freePort();
    await runOk('git', ['clone', '--quiet', repository, join(folder, 'berth')]);
  }, 120_000);

  afterAll(() => removeFolder(folder), 60_000);

  test('installs and starts with one command, and Ctrl-C stops it at once', async () => {
    const clone = join(folder, 'berth');
    const args = ['-y', '-p', 'node@26', '-p', 'pnpm@12', '--', 'pnpm', 'start'];
    const child = spawn('npx', args, {
      cwd: clone,
      env: newcomer(port),
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const group = child.pid!;
    const texts: string[] = [];
    child.stdout.setEncoding('utf8').on('data', (text: string) => texts.push(text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => texts.push(text));
    try {
      const listening = `Berth listens on http://localhost:${port}`;
      await until(
        `"${listening}"`,
        () => {
          if (child.exitCode !== null)
            throw new Error(`pnpm start ended with ${child.exitCode}:\n${texts.join('')}`);
          return texts.join('').includes(listening) ? true : undefined;
        },
        500_000,
      );
      expect((await fetch(`http://127.0.0.1:${port}/v2/`)).status).toBe(401);
      const password = await stat(join(clone, 'data', 'initial-admin-password'));
      expect(password.mode & 0o777).toBe(0o600);

      const start = performance.now();
      process.kill(-group, 'SIGINT');
      await until('every process of the group to end', () => (alive(group) ? undefined : true), 10_000);
      expect(performance.now() - start).toBeLessThan(5000);
      expect(texts.join('')).not.toMatch(/\n\s+at .*:\d+:\d+/);
    } finally {
      if (alive(group)) process.kill(-group, 'SIGKILL');
    }
  });
});
