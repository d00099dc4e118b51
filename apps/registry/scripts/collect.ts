/**
 * Collects garbage from a real server process while others pull, and prints what that does to the pulls:
 *
 *   node --conditions=source apps/registry/scripts/collect.ts [blobs, 100000 where absent]
 *
 * Half of the blobs are orphans. Every pull is a manifest by its tag and the blob that it names.
 */
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { dirname, join } from 'node:path';
import { openDatabase } from '@berth/database';
import { prepareDistribution, type DistributionTables } from '@berth/distribution';
import { startBerth } from '../test/support/berth-process.ts';
import { imageManifest, imageType, sha256 } from '../test/support/registry.ts';
import { removeFolder, temporaryFolder } from '../test/support/temporary.ts';

const count = Number(process.argv[2] ?? 100_000);
const kept = count / 2;
const pullers = 8;
const folder = await temporaryFolder();

/** Blob number `index`; the first half is named by a manifest. */
const contentOf = (index: number) => `blob number ${index} ${'.'.repeat(1000)}`;
const repositoryOf = (index: number) => `team-${index % 500}/app`;

await fill();
const berth = await startBerth({
  folder,
  env: { REGISTRY_AUTH: 'none', REGISTRY_STORAGE_DELETE_ENABLED: 'true', REGISTRY_LOG_LEVEL: 'error' },
});
try {
  const agent = new Agent({ keepAlive: true });
  await pullFor(agent, 2_000);
  const alone = await pullFor(agent, 10_000);
  print('pulls alone', alone);
  const start = performance.now();
  const collecting = berth.berth(['garbage-collect', '--include-recent', '--json']);
  const beside = await pullFor(agent, collecting);
  const seconds = (performance.now() - start) / 1000;
  const { report } = JSON.parse((await collecting).stdout) as { report: { blobs: number; bytes: number } };
  print('pulls beside', beside);
  console.log(
    `collected        ${report.blobs} of ${count} blobs, ${report.bytes} bytes, in ${seconds.toFixed(1)} s`,
  );
  console.log(`p99              ${(beside.p99 / alone.p99).toFixed(2)} times that of pulls alone`);
} finally {
  await berth.stop();
  await removeFolder(folder);
}

/** As pushes would have left it, but in seconds. */
async function fill(): Promise<void> {
  const database = await openDatabase<DistributionTables>(join(folder, 'berth.db'));
  await prepareDistribution(database);
  const ids = new Map<string, number>();
  for (let first = 0; first < count; first += 1_000) {
    const part = Array.from({ length: 1_000 }, (_, index) => first + index);
    await Promise.all(part.map(writeBlob));
    await database.transaction(async (trx) => {
      for (const index of part) await insertRows(trx, index, ids);
    });
  }
  await database.close();
}

function pathOf(index: number): string {
  const hex = createHash('sha256').update(contentOf(index)).digest('hex');
  return `docker/registry/v2/blobs/sha256/${hex.slice(0, 2)}/${hex}/data`;
}

async function writeBlob(index: number): Promise<void> {
  const file = join(folder, pathOf(index));
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, contentOf(index));
}

type Transaction = Parameters<
  Parameters<Awaited<ReturnType<typeof openDatabase<DistributionTables>>>['transaction']>[0]
>[0];

async function insertRows(trx: Transaction, index: number, ids: Map<string, number>): Promise<void> {
  const content = contentOf(index);
  const digest = sha256(content);
  const time = { created_at: 1 };
  const repository_id = await repositoryId(trx, repositoryOf(index), ids);
  const blob = { digest, size: content.length, path: pathOf(index), quarantined_at: null, ...time };
  await trx.insertInto('blob').values(blob).execute();
  await trx
    .insertInto('repository_blob')
    .values({ repository_id, digest, ...time })
    .execute();
  if (index >= kept) {
    await trx.insertInto('link_review').values({ repository_id, digest, due_at: 9e15, used_at: 1 }).execute();
    return;
  }
  const payload = imageManifest(content, []);
  const manifest = sha256(payload);
  await trx
    .insertInto('manifest')
    .values({
      repository_id,
      digest: manifest,
      media_type: imageType,
      artifact_type: null,
      payload: Buffer.from(payload),
      subject: null,
      annotations: null,
      created_at: 1,
      created_by: 'somebody',
      put_at: 1,
    })
    .execute();
  await trx
    .insertInto('manifest_reference')
    .values({ repository_id, manifest, kind: 'blob', target: digest })
    .execute();
  const tag = { repository_id, name: `v${index}`, digest: manifest, updated_at: 1, updated_by: 'somebody' };
  await trx.insertInto('tag').values(tag).execute();
}

async function repositoryId(trx: Transaction, name: string, ids: Map<string, number>): Promise<number> {
  const known = ids.get(name);
  if (known !== undefined) return known;
  const parent = dirname(name);
  const { id } = await trx
    .insertInto('repository')
    .values({ name, parent, visibility: 'private', immutable_tags: '[]', description: '', created_at: 1 })
    .returning('id')
    .executeTakeFirstOrThrow();
  ids.set(name, id);
  return id;
}

interface Pulls {
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly count: number;
  readonly failed: number;
}

/** Until so many milliseconds have passed, or something is done. */
async function pullFor(agent: Agent, until: number | Promise<unknown>): Promise<Pulls> {
  const end = new AbortController();
  if (typeof until === 'number') setTimeout(() => end.abort(), until);
  else void until.then(() => end.abort());
  const times: number[] = [];
  let failed = 0;
  const pull = async () => {
    while (!end.signal.aborted) {
      const index = Math.floor(Math.random() * kept);
      const start = performance.now();
      const manifest = await fetchText(agent, `/v2/${repositoryOf(index)}/manifests/v${index}`);
      const blob = await fetchText(agent, `/v2/${repositoryOf(index)}/blobs/${sha256(contentOf(index))}`);
      times.push(performance.now() - start);
      if (manifest !== imageManifest(contentOf(index), []) || blob !== contentOf(index)) failed += 1;
    }
  };
  await Promise.all(Array.from({ length: pullers }, pull));
  times.sort((a, b) => a - b);
  const at = (part: number) => times[Math.floor(times.length * part)] ?? 0;
  return { p50: at(0.5), p99: at(0.99), count: times.length, failed };
}

function fetchText(agent: Agent, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { accept: '*/*' };
    get(`${berth.url}${path}`, { agent, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => resolve(text)).on('error', reject);
    }).on('error', reject);
  });
}

function print(what: string, { p50, p99, count: pulls, failed }: Pulls): void {
  console.log(
    `${what.padEnd(16)} ${pulls} pulls, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, ${failed} failed`,
  );
}
