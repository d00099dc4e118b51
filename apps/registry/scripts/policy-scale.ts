/**
 * Decisions, tokens and changes of grants on a database with 10,000 users, 200 teams and 100,000 grants:
 *
 *   node --conditions=source apps/registry/scripts/policy-scale.ts [--users 10000] [--grants 100000] [--profile <folder>]
 *
 * Needs wrk for what goes over HTTP. Linux only: it reads /proc.
 */
import { randomBytes } from 'node:crypto';
import { loadavg } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { loadConfiguration } from '../src/config/index.ts';
import { silentLogger } from '../src/logging.ts';
import { openParts } from '../src/parts.ts';
import { startBerth } from '../test/support/berth-process.ts';
import { removeFolder, temporaryFolder } from '../test/support/temporary.ts';
import { measureInProcess, type Tell } from './policy-scale/in-process.ts';
import { measureOverHttp } from './policy-scale/over-http.ts';
import { populate, type Population } from './policy-scale/population.ts';

const { values } = parseArgs({
  options: {
    users: { type: 'string', default: '10000' },
    grants: { type: 'string', default: '100000' },
    profile: { type: 'string' },
  },
});
const size = {
  users: Number(values.users),
  grants: Number(values.grants),
  teams: 200,
  members: 50,
  own: 1000,
  joined: 50,
  everybody: 300,
};

const tell: Tell = (what, figure) => console.log(`${what.padEnd(52)} ${figure}`);
const load = () => tell('load of the machine', loadavg()[0]!.toFixed(1));

const folder = await temporaryFolder();
const password = randomBytes(16).toString('hex');
try {
  const env = { REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY: folder };
  const { configuration } = loadConfiguration({ env, cwd: folder, systemPaths: [] });
  const parts = await openParts(configuration, silentLogger());
  load();
  await parts.tokenServer.ensureAdmin({ password });
  const population = await populate(parts, size);
  await measureInProcess(parts, population, tell);
  await parts.close();
  load();
  await measureServers(population);
  load();
} finally {
  await removeFolder(folder);
}

async function measureServers(population: Population): Promise<void> {
  const here = await startBerth({ folder, env: profiling() });
  try {
    const there = await startBerth({ folder });
    await measureOverHttp({ here, there, folder, password }, population, tell).finally(() => there.stop());
  } finally {
    await here.stop();
  }
}

/** CPU profiles of the server that is measured, for Chrome or speedscope. */
function profiling(): Record<string, string> {
  return values.profile === undefined
    ? {}
    : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${resolve(values.profile)}` };
}
