import { createHash } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openDatabase } from '@berth/database';
import type { DistributionTables } from '@berth/distribution';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startBerth, type BerthProcess } from './support/berth-process.ts';
import { clientOf, clientTimeout } from './support/clients.ts';
import { writeLayout } from './support/layout.ts';
import { plainClient, type PlainClient } from './support/plain-client.ts';
import { imageManifest, imageType, sha256 } from './support/registry.ts';
import { basic } from './support/registry-client.ts';
import { tool } from './support/require.ts';
import { removeFolder, temporaryFolder } from './support/temporary.ts';
import { until } from './support/waiting.ts';

const admin = { name: 'admin', password: 'the-password-of-the-admin' };
const crane = await tool('crane');

/** Everything is due at once, and looked for all the time. */
const eager = {
  REGISTRY_STORAGE_MAINTENANCE_GARBAGECOLLECTION_DELAY: '0s',
  REGISTRY_STORAGE_MAINTENANCE_UPLOADPURGING: '{age: 0s, interval: 1s}',
};
const never = {
  REGISTRY_STORAGE_MAINTENANCE_GARBAGECOLLECTION: '{enabled: false, delay: 0s}',
  REGISTRY_STORAGE_MAINTENANCE_UPLOADPURGING_ENABLED: 'false',
};
const readOnly = { ...eager, REGISTRY_STORAGE_MAINTENANCE_READONLY_ENABLED: 'true' };

const config = '{"os":"linux","architecture":"amd64"}';
const kept = imageManifest(config, ['a layer that stays']);
const garbage = imageManifest(config, ['a layer that nothing needs']);

let root: string;
let folder: string;
let berth: BerthProcess;
let client: PlainClient;

async function start(env: Readonly<Record<string, string>>): Promise<void> {
  berth = await startBerth({ folder, env: { BERTH_ADMIN_PASSWORD: admin.password, ...env } });
  client = plainClient(berth.url, basic(admin));
}

beforeAll(async () => {
  root = await temporaryFolder();
  folder = join(root, 'data');
  await start(never);
  await fill();
  await berth.stop();
  await interrupt();
}, clientTimeout);

afterAll(async () => {
  await berth?.stop();
  await removeFolder(root);
});

/** An image, what one left that was deleted, and two uploads that nobody ends. */
async function fill(): Promise<void> {
  for (const content of [config, 'a layer that stays', 'a layer that nothing needs'])
    await client.pushBlob('team/app', content);
  await client.pushManifest('team/app', '1', kept, imageType);
  await client.pushManifest('team/app', '2', garbage, imageType);
  expect((await client.ask('DELETE', `/v2/team/app/manifests/${sha256(garbage)}`)).status).toBe(202);
  for (const content of ['half of a', 'half of b']) {
    const begun = await client.ask('POST', '/v2/team/app/blobs/uploads/');
    const sent = await client.ask('PATCH', begun.headers.get('location')!, content);
    expect(sent.status).toBe(202);
  }
}

/** As a crash between the note of its digest and the commit leaves an upload. */
async function interrupt(): Promise<void> {
  const database = await openDatabase<DistributionTables>(join(folder, 'berth.db'));
  await database.transaction(async (trx) => {
    const { id } = await trx.selectFrom('upload').select('id').limit(1).executeTakeFirstOrThrow();
    await trx
      .updateTable('upload')
      .set({ digest: sha256('half of a') })
      .where('id', '=', id)
      .execute();
  });
  await database.close();
}

/** Every file beside the database, with a digest of its bytes. */
async function files(): Promise<string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const blobs = paths.filter((path) => !relative(folder, path).startsWith('berth.db')).sort();
  return Promise.all(blobs.map(async (path) => `${relative(folder, path)} ${hashOf(await readFile(path))}`));
}

/** A blob of the image that stays. */
const isOfKept = (file: string) =>
  [config, 'a layer that stays'].some((content) => file.endsWith(hashOf(Buffer.from(content))));

const hashOf = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

const tables = [
  ...(['repository', 'tag', 'manifest', 'manifest_reference', 'blob', 'repository_blob', 'upload'] as const),
  ...(['manifest_review', 'link_review', 'blob_review', 'deletion'] as const),
] satisfies readonly (keyof DistributionTables)[];

/** Every row of the registry. */
async function rows(): Promise<string[]> {
  const database = await openDatabase<DistributionTables>(join(folder, 'berth.db'));
  const found = [];
  for (const table of tables) {
    const all = await database.reader.selectFrom(table).selectAll().execute();
    found.push(...all.map((row) => `${table} ${JSON.stringify(row)}`).sort());
  }
  await database.close();
  return found;
}

async function say(method: string, path: string, body?: object): Promise<[number, string]> {
  const type = { 'content-type': 'application/json' };
  const answer = await client.ask(method, path, body && JSON.stringify(body), type);
  return [answer.status, await answer.text()];
}

const refused = [405, expect.stringContaining('"UNSUPPORTED","message":"the registry is read-only')];

describe('in read-only mode', { timeout: 180_000 }, () => {
  beforeAll(() => start(readOnly));
  afterAll(() => berth.stop());

  test('the start says so, and not how to push', () => {
    expect(berth.output()).toMatch(/^ {2}mode {6}read-only: .*storage\.maintenance\.readonly/m);
    expect(berth.output()).not.toContain('docker push');
  });

  test('nothing changes: not by requests, not by itself, not by what a crash has left', async () => {
    const before = { files: await files(), rows: await rows() };
    expect(before.files.length).toBeGreaterThan(4);
    expect(before.rows.length).toBeGreaterThan(12);
    expect(await client.pull('team/app', '1')).toContain(sha256(kept));
    for (const digest of [sha256(config), sha256('a layer that nothing needs')])
      expect((await client.ask('HEAD', `/v2/team/app/blobs/${digest}`)).status).toBe(200);
    expect(await say('POST', '/v2/team/app/blobs/uploads/')).toEqual(refused);
    expect(await say('DELETE', '/v2/team/app/manifests/1')).toEqual(refused);
    expect(await say('DELETE', '/api/v1/repositories/team/app', {})).toEqual(refused);
    expect(await say('POST', '/api/v1/gc', { includeRecent: true })).toEqual(refused);
    // Longer than from the start to the first collection, and to the second look for uploads.
    await sleep(6500);
    expect({ files: await files(), rows: await rows() }).toEqual(before);
  });

  test('the commands say why, or work where they take nothing away', async () => {
    const collected = await berth.berth(['garbage-collect']);
    expect(collected.output).toContain('the registry is read-only at the moment');
    expect(collected.code).not.toBe(0);
    const removed = await berth.berthAs(admin, ['repository', 'rm', 'team/app', '--yes']);
    expect(removed.output).toContain('the registry is read-only at the moment');
    expect(removed.code).not.toBe(0);
    const would = await berth.berth(['garbage-collect', '--dry-run', '--include-recent']);
    expect([would.code, would.output]).toEqual([0, expect.stringMatching(/[12] blobs?/)]);
    for (const command of [['verify'], ['check'], ['config', 'show']]) {
      const { code, output } = await berth.berth(command);
      expect([command, code, output]).toEqual([command, 0, expect.any(String)]);
    }
    expect((await berth.berth(['config', 'show'])).stdout).toMatch(/readonly:\s+enabled: true/);
  });

  test('people and rights are administered', async () => {
    expect(await say('POST', '/api/v1/users', { name: 'bob', password: 'the password of bob' })).toEqual([
      201,
      expect.any(String),
    ]);
    const grant = { subject: 'user:bob', repository: 'team/**', role: 'reader' };
    expect((await say('POST', '/api/v1/grants', grant))[0]).toBe(201);
    const bob = plainClient(berth.url, basic({ name: 'bob', password: 'the password of bob' }));
    expect(await bob.pull('team/app', '1')).toContain(sha256(kept));
    const visibility = { visibility: 'internal' };
    expect((await say('PATCH', '/api/v1/repositories/team/app', visibility))[0]).toBe(200);
  });

  test.skipIf(!crane)('crane pulls, and is told clearly when it pushes', async () => {
    const layout = join(root, 'layout');
    await writeLayout(layout);
    const program = clientOf(crane!['crane']!, root, ['--insecure']);
    await program.ok(['auth', 'login', berth.host, '-u', admin.name, '--password-stdin'], admin.password);
    const image = `${berth.host}/team/app`;
    expect(await program.ok(['digest', `${image}:1`])).toBe(sha256(kept));
    expect(await program.ok(['blob', `${image}@${sha256(config)}`])).toBe(config);
    for (const push of [
      ['push', '--index', layout, `${image}:new`],
      ['tag', `${image}:1`, 'new'],
      ['delete', `${image}:1`],
    ]) {
      const { code, output } = await program.call(push);
      expect([push, code, output]).toEqual([push, 1, expect.stringContaining('the registry is read-only')]);
    }
  });
});

test('without it all of that goes', { timeout: 180_000 }, async () => {
  const isLeft = (file: string) => /^berth\/uploads|^docker/.test(file) && !isOfKept(file);
  expect((await files()).filter(isLeft)).toHaveLength(3);
  await start(eager);
  await until('the end of the layer and of both uploads', async () => {
    // A file may go between its name and its bytes.
    const left = await files().catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
    return left === undefined || left.some(isLeft) ? undefined : true;
  });
  // The layers of a manifest that is deleted would go before it is pushed again: those of this one stay for another.
  const another = imageManifest(config, ['a layer that stays'], { annotations: { another: 'one' } });
  await client.pushManifest('team/app', sha256(another), another, imageType);
  expect((await client.ask('DELETE', `/v2/team/app/manifests/${sha256(another)}`)).status).toBe(202);
  await berth.stop();
});

test(
  'an export is done while it serves, and what it writes is imported in the same mode',
  { timeout: 180_000 },
  async () => {
    await start(readOnly);
    const exported = await berth.berthAs(admin, ['export']);
    expect([exported.code, exported.output]).toEqual([0, expect.stringContaining('1 tag ')]);
    await berth.stop();
    for (const name of ['berth.db', 'berth.db-wal', 'berth.db-shm'])
      await rm(join(folder, name), { force: true });
    const before = await files();
    await start(readOnly);
    expect(berth.output()).toMatch(/imported {2}1 repository, 1 manifest, 1 tag, /);
    expect(await client.pull('team/app', '1')).toContain(sha256(kept));
    expect((await files()).filter((file) => !file.startsWith('import-skipped'))).toEqual(before);
  },
);
