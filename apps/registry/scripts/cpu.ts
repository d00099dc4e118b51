/**
 * What one request costs each server, in microseconds of the processor, user and system together, and what one pushed
 * image costs, beside a bare `node:http` that answers the same manifest from memory. Where other things run on the
 * machine too, this says more than requests a second:
 *
 *   node --conditions=source apps/registry/scripts/cpu.ts [--rounds 7] [--seconds 1] [--dist] [--log]
 *        [--before <folder>] [--only node,berth] [row …]
 *
 * `--before <folder>` measures another tree of this repository beside this one. `--log` lets the servers log each request,
 * as they do unless told otherwise. Linux only: it reads /proc. Needs `wrk`.
 */
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { push } from '../bench/client/push.ts';
import { manifestType } from '../bench/client/push-image.ts';
import { bareNode } from '../bench/servers/bare-node.ts';
import { berth } from '../bench/servers/berth.ts';
import { freePort } from '../bench/servers/free-port.ts';
import { registry3 } from '../bench/servers/registry3.ts';
import type { Server, ServerKind } from '../bench/servers/server.ts';
import { zot } from '../bench/servers/zot.ts';
import { wrk, type Load } from '../bench/wrk/wrk.ts';

const { values, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '7' },
    seconds: { type: 'string', default: '1' },
    dist: { type: 'boolean', default: false },
    log: { type: 'boolean', default: false },
    registry3: { type: 'string' },
    zot: { type: 'string' },
    only: { type: 'string' },
    before: { type: 'string' },
  },
});
const seconds = Number(values.seconds);
const { signal } = new AbortController();

/** `USER_HZ` of Linux. */
const ticksPerSecond = 100;

async function processorSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** Gives one figure, in microseconds a request or in milliseconds an image. */
type Measure = () => Promise<number>;

interface Row {
  readonly title: string;
  prepare(server: Server): Promise<Measure>;
}

function reads(title: string, method: 'GET' | 'HEAD', pathOf: (image: Pushed) => string): Row {
  return {
    title,
    async prepare(server) {
      const { headers, image } = await pushed(server);
      const url = `${server.url}${pathOf(image)}`;
      const load = { url, headers: { ...headers, accept: manifestType }, connections: 16, seconds };
      const answer = await fetch(url, { method, headers: load.headers });
      if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
      return async () => {
        const before = await processorSeconds(server.pid);
        const requests = method === 'GET' ? await gets(load) : await heads(load);
        return (((await processorSeconds(server.pid)) - before) * 1e6) / requests;
      };
    },
  };
}

async function gets(load: Load): Promise<number> {
  return (await wrk(load, signal)).requestsPerSecond * load.seconds;
}

/** wrk waits for the body of an answer to HEAD. */
async function heads({ url, headers, connections, seconds }: Load): Promise<number> {
  const { pathname, host, port } = new URL(url);
  const lines = Object.entries({ ...headers, host }).map(([name, value]) => `${name}: ${value}\r\n`);
  const request = `HEAD ${pathname} HTTP/1.1\r\n${lines.join('')}\r\n`;
  let answers = 0;
  const sockets = Array.from({ length: connections }, () => {
    const socket = connect({ host: '127.0.0.1', port: Number(port), noDelay: true });
    socket.on('data', (data: Buffer) => {
      if (!data.subarray(-4).equals(endOfHead)) throw new Error('an answer in parts');
      answers += 1;
      socket.write(request);
    });
    socket.write(request);
    return socket;
  });
  await sleep(seconds * 1000);
  for (const socket of sockets) socket.destroy();
  return answers;
}

const endOfHead = Buffer.from('\r\n\r\n');

type Pushed = Awaited<ReturnType<typeof push>>['last'];

async function pushed(server: Server) {
  if (server.name === bareNode.name) return { headers: {}, image: anyImage };
  const repositories = ['cpu/read'];
  const { url } = server;
  const headers = await server.authorize(['repository:cpu/read:pull,push']);
  const layerSize = 10_000;
  const job = { url, headers, repositories, layerSize, concurrency: 1, until: { images: 1 } };
  const { last: image } = await push(job, signal);
  return { image, headers: await server.authorize(['repository:cpu/read:pull']) };
}

const anyImage: Pushed = { repository: 'cpu/read', tag: '1', manifest: '1', layer: '1' };

function pushes(title: string, layerSize: number): Row {
  return {
    title,
    async prepare(server) {
      const repositories = Array.from({ length: 8 }, (_, number) => `cpu/push-${number}`);
      const headers = await server.authorize(repositories.map((name) => `repository:${name}:pull,push`));
      const job = { url: server.url, headers, repositories, layerSize, concurrency: 8, until: { seconds } };
      return async () => {
        const before = await processorSeconds(server.pid);
        const { images } = await push(job, signal);
        return (((await processorSeconds(server.pid)) - before) * 1e3) / images;
      };
    },
  };
}

const rows: readonly Row[] = [
  reads('tag-get', 'GET', ({ repository, tag }) => `/v2/${repository}/manifests/${tag}`),
  reads('tag-head', 'HEAD', ({ repository, tag }) => `/v2/${repository}/manifests/${tag}`),
  reads('digest-get', 'GET', ({ repository, manifest }) => `/v2/${repository}/manifests/${manifest}`),
  reads('blob-10kb', 'GET', ({ repository, layer }) => `/v2/${repository}/blobs/${layer}`),
  reads('healthz', 'GET', () => '/healthz'),
  pushes('push-10kb', 10_000),
  pushes('push-1mb', 1_000_000),
];

async function start(kind: ServerKind, folder: string): Promise<Server | undefined> {
  const program = await kind.locate(signal);
  if (program === undefined) return undefined;
  await mkdir(folder);
  return kind.start(program, { folder, port: await freePort(), signal });
}

function median(figures: readonly number[]): number {
  return figures.toSorted((one, other) => one - other)[Math.floor(figures.length / 2)] ?? Number.NaN;
}

await using cleanup = new AsyncDisposableStack();
const root = await mkdtemp(join(tmpdir(), 'berth-cpu-'));
cleanup.defer(() => rm(root, { recursive: true, force: true }));
const kinds = [
  bareNode,
  ...(values.before === undefined ? [] : [{ ...berth({ ...values, tree: values.before }), name: 'before' }]),
  berth(values),
  registry3(values.registry3, values.log),
  zot(values.zot),
].filter(({ name }) => values.only === undefined || values.only.split(',').includes(name));
const servers: { readonly name: string; readonly server: Server }[] = [];
for (const kind of kinds) {
  const server = await start(kind, join(root, kind.name));
  if (server !== undefined) {
    servers.push({ name: kind.name, server });
    cleanup.defer(() => server.stop());
  }
}

for (const row of rows.filter(({ title }) => wanted.length === 0 || wanted.includes(title))) {
  const cells: { name: string; measure: Measure; figures: number[] }[] = [];
  for (const { name, server } of servers) {
    const measure = await row.prepare(server).catch(() => undefined);
    if (measure !== undefined) cells.push({ name, measure, figures: [] });
  }
  for (let round = 0; round <= Number(values.rounds); round += 1) {
    for (const { measure, figures } of cells) {
      const figure = await measure().catch(() => Number.NaN);
      if (round > 0) figures.push(figure);
    }
  }
  const texts = cells.map(({ name, figures }) => `${name} ${median(figures).toPrecision(3)}`);
  console.log(`${row.title.padEnd(12)} ${texts.join('   ')}`);
}
