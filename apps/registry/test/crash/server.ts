/**
 * A Berth without accounts, which ends itself with SIGKILL at a step that it is told: `PUT /crash?at=12` is the twelfth
 * step from then on; `0` is none. `GET /crash` answers the steps since then. Its arguments: the data folder.
 */
import type { RequestListener } from 'node:http';
import { loadConfiguration } from '../../src/config/index.ts';
import { listen } from '../../src/listen.ts';
import { silentLogger } from '../../src/logging.ts';
import { openParts } from '../../src/parts.ts';
import { createHandler } from '../../src/server.ts';
import { watchedDatabase, watchedDriver } from './points.ts';

let reached: string[] = [];
let crashAt = 0;

function reach(point: string): void {
  reached.push(point);
  if (reached.length === crashAt) process.kill(process.pid, 'SIGKILL');
}

const [folder = ''] = process.argv.slice(2);
const { configuration } = loadConfiguration({
  env: {
    REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY: folder,
    REGISTRY_STORAGE_DELETE_ENABLED: 'true',
    REGISTRY_AUTH: 'none',
  },
  cwd: folder,
  systemPaths: [],
});
const parts = await openParts(configuration, silentLogger(), {
  storage: (driver) => watchedDriver(driver, reach),
  database: (opened) => watchedDatabase(opened, reach),
});
await parts.distribution!.recover();
const berth = createHandler({ parts, local: true });

const control: RequestListener = (request, response) => {
  if (request.method === 'PUT') {
    crashAt = Number(new URL(request.url!, 'http://localhost').searchParams.get('at'));
    reached = [];
  }
  response.end(JSON.stringify(reached));
};

const { port } = await listen(
  (request, response) => (request.url!.startsWith('/crash') ? control : berth)(request, response),
  { host: '127.0.0.1', port: 0 },
);
process.stdout.write(`listens on ${port}\n`);
