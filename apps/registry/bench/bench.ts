import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { push } from './client/push.ts';
import { chosen, type Options } from './options.ts';
import { findProgram } from './program.ts';
import { runRounds } from './rounds.ts';
import { allRows } from './rows/index.ts';
import type { Row } from './rows/row.ts';
import { freePort } from './servers/free-port.ts';
import { serverKinds } from './servers/index.ts';
import type { Server } from './servers/server.ts';
import { bucketStorage, folderStorage } from './servers/storage.ts';
import { renderTable } from './table.ts';
import { wrk } from './wrk/wrk.ts';

export interface Output {
  /** Told what is being done and what is left out, a line at a time. */
  readonly tell: (line: string) => void;
  readonly signal: AbortSignal;
}

export interface Report {
  readonly text: string;
  /** Whether a row could not be measured on a server that ran. */
  readonly failed: boolean;
}

/** Measures, and resolves to the table. All that it started has ended then, and its folders are gone, however it ends. */
export async function bench(options: Options, output: Output): Promise<Report> {
  const rows = await rowsOf(options, output);
  await using cleanup = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'berth-bench-'));
  cleanup.defer(() => rm(folder, { recursive: true, force: true }));
  const servers = await startAll(options, output, folder, cleanup);
  const { effort } = options;
  const series = await runRounds({ servers, rows, effort, ...output });
  const table = renderTable(rows, servers, series);
  return {
    text: `${conditions(options)}\n\n${table}`,
    failed: series.some(({ error }) => error !== undefined),
  };
}

/** Rows that read are left out where wrk is missing, and it is said. */
async function rowsOf({ effort, rows }: Options, { signal, tell }: Output): Promise<Row[]> {
  const tools = {
    effort,
    push: (job: Parameters<typeof push>[0]) => push(job, signal),
    read: readWith(signal),
  };
  const wanted = chosen(allRows(tools), rows, ({ key }) => key);
  if ((await findProgram('wrk')) !== undefined) return wanted;
  const without = wanted.filter(({ needsWrk }) => needsWrk).map(({ key }) => key);
  if (without.length > 0) tell(`LEFT OUT, wrk is not here (apt-get install wrk): ${without.join(', ')}`);
  return wanted.filter(({ needsWrk }) => !needsWrk);
}

function readWith(signal: AbortSignal) {
  return (load: Parameters<typeof wrk>[0]) => wrk(load, signal);
}

async function startAll(
  options: Options,
  { signal, tell }: Output,
  root: string,
  cleanup: AsyncDisposableStack,
): Promise<Server[]> {
  const servers: Server[] = [];
  const storage = options.s3 ? await bucketStorage() : folderStorage;
  cleanup.defer(() => storage.stop());
  const kinds = serverKinds(options).filter(({ onS3 = false }) => onS3 || !options.s3);
  for (const kind of chosen(kinds, options.only, ({ name }) => name)) {
    const program = await kind.locate(signal);
    if (program === undefined) {
      tell(`LEFT OUT, ${kind.title} is not here: ${kind.advice}`);
      continue;
    }
    const folder = join(root, kind.name);
    await mkdir(folder);
    const server = await kind.start(program, { folder, port: await freePort(), storage, signal });
    cleanup.defer(() => server.stop());
    servers.push(server);
  }
  return servers;
}

function conditions({ effort, s3 }: Options): string {
  const processors = cpus();
  const { rounds, seconds } = effort;
  return (
    `${processors.length} × ${processors[0]?.model}, loopback, Node ${process.versions.node}; ` +
    (s3 ? 'blobs in S3 (versitygw), without redirects; ' : '') +
    `the median of ${rounds} ${rounds === 1 ? 'round' : 'rounds'} of ${seconds} s`
  );
}
