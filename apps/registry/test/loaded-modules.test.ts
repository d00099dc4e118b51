import { readFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { berth, berthEnvironment, startBerth } from './support/berth-process.ts';
import { removeFolder, temporaryFolder } from './support/temporary.ts';

const root = resolve(import.meta.dirname, '../../..');
const noting = pathToFileURL(join(import.meta.dirname, 'support/note-modules.ts'));
const timeout = 180_000;

let folder: string;
let env: Record<string, string>;

beforeEach(async () => {
  folder = await temporaryFolder();
  env = { NODE_OPTIONS: `--import=${noting.href}`, BERTH_TEST_MODULES: join(folder, 'modules') };
});
afterEach(() => removeFolder(folder));

/** Names of packages that are not ours, and files of ours from the root of the clone, as they were noted until now. */
async function noted(): Promise<string[]> {
  const lines = (await readFile(env['BERTH_TEST_MODULES']!, 'utf8')).trim().split('\n');
  const names = lines.filter((url) => url.startsWith('file:')).map((url) => nameOf(fileURLToPath(url)));
  return [...new Set(names)];
}

function nameOf(path: string): string {
  return /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? relative(root, path);
}

/** Each takes 10 ms or more of every start, and none is needed before the first request. */
const notBeforeItListens = new Set([
  '@aws-sdk/client-s3',
  '@node-rs/bcrypt',
  '@peculiar/x509',
  'light-my-request',
  'pino-pretty',
  'rate-limiter-flexible',
  'reflect-metadata',
]);

const ofTheServer = new Set(['better-sqlite3', 'jose', 'koa', 'kysely', 'light-my-request', 'pino']);

describe('what is loaded', { timeout }, () => {
  test('by a start: no commands, no backup, no description of the API, nothing for certificates', async () => {
    const data = join(folder, 'data');
    const first = await startBerth({ folder: data });
    await first.stop();
    const server = await startBerth({ folder: data, env });
    const loaded = await noted();
    await server.stop();

    expect(loaded).toEqual(expect.arrayContaining(['kysely', 'apps/registry/src/serve.ts']));
    expect(loaded.filter((name) => notBeforeItListens.has(name))).toEqual([]);
    expect(loaded.filter((name) => /src\/(cli\/commands|backup|openapi\/document)/.test(name))).toEqual([
      'apps/registry/src/cli/commands/serve.ts',
    ]);
  });

  test.each([
    ['the help', ['--help'], 0],
    ['a command for a server elsewhere', ['team', 'list', '--server', 'http://127.0.0.1:1'], 1],
  ])('by %s: nothing of the server', async (_, args, code) => {
    const options = { env: berthEnvironment(folder, { ...env, BERTH_TOKEN: 'brt_1' }) };
    expect(await berth(args, options)).toMatchObject({ code });
    const loaded = await noted();
    expect(loaded).toContain('commander');
    expect(loaded.filter((name) => /^packages\/(?!protocol)/.test(name))).toEqual([]);
    expect(loaded.filter((name) => ofTheServer.has(name))).toEqual([]);
  });

  test('by a look at the configuration: nothing of the server', async () => {
    const options = { env: berthEnvironment(folder, env) };
    expect(await berth(['config', 'check'], options)).toMatchObject({ code: 0 });
    const loaded = await noted();
    expect(loaded).toContain('apps/registry/src/config/load.ts');
    expect(loaded.filter((name) => /^packages\/(?!protocol)/.test(name))).toEqual([]);
  });
});
