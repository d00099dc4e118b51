import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startBackup } from './backup/slow-backup.ts';
import { pushImage, pullImage, removeImage, type PushedImage } from './backup/images.ts';
import { Traffic } from './backup/traffic.ts';
import { openShell, readSections, type Shell } from './recipes/document.ts';
import { startBerth, type BerthProcess, type Person } from './support/berth-process.ts';
import { bucketSettings, startBucketServer } from './support/s3.ts';
import { basic, fetchToken, fetchWith } from './support/registry-client.ts';
import { tool } from './support/require.ts';
import { removeFolder, temporaryFolder } from './support/temporary.ts';
import { until } from './support/waiting.ts';

/** The drill of `docs/operations.md`, with the commands that are on the page, on real processes. */
const sections = await readSections('operations.md');
const versitygw = await tool('versitygw');
const timeout = 180_000;
const password = 'correct horse battery';
const admin: Person = { name: 'admin', password };
const alice: Person = { name: 'alice', password };
const bob: Person = { name: 'bob', password };
const env = { BERTH_ADMIN_PASSWORD: password };

let root: string;
let berth: BerthProcess | undefined;

beforeEach(async () => {
  root = await temporaryFolder();
});

afterEach(async () => {
  await berth?.stop();
  berth = undefined;
  await removeFolder(root);
}, timeout);

/** What is on the page, on folders of this test. */
async function shellFor(data: string, more: Readonly<Record<string, string>> = {}): Promise<Shell> {
  const shell = await openShell({ folder: data, url: 'http://localhost' }, root, {
    password,
    files: {},
    env: more,
  });
  return { paste: (block) => shell.paste(block.replaceAll('/mnt/backup/berth', join(root, 'backup'))) };
}

async function follow(title: string, shell: Shell): Promise<string[]> {
  const blocks = sections.get(title) ?? [];
  expect(blocks.length).toBeGreaterThan(0);
  const printed: string[] = [];
  for (const block of blocks) printed.push(await shell.paste(block));
  return printed;
}

const start = async (folder: string, more: Readonly<Record<string, string>> = {}) => {
  berth = await startBerth({ folder, env: { ...env, ...more } });
  return berth;
};

async function api(path: string, body?: object): Promise<{ status: number; body: any }> {
  const headers = { authorization: basic(admin), 'content-type': 'application/json' };
  const init = { method: body === undefined ? 'GET' : 'POST', headers };
  const answer = await fetch(`${berth!.url}/api/v1${path}`, {
    ...init,
    body: body === undefined ? null : JSON.stringify(body),
  });
  return { status: answer.status, body: await answer.json() };
}

async function addPeople(): Promise<string> {
  for (const { name } of [alice, bob]) await api('/users', { name, password });
  await api('/grants', { subject: 'user:alice', repository: 'team/**', role: 'maintainer' });
  const { body } = await api('/tokens', { name: 'ci', user: 'alice' });
  return body.secret as string;
}

const pushMany = async (name: string, count: number, size: number): Promise<PushedImage[]> => {
  const images: PushedImage[] = [];
  for (let index = 0; index < count; index += 1) {
    images.push(await pushImage(berth!, alice, name, String(index), [randomBytes(size)]));
  }
  return images;
};

/** Nothing is wrong with storage, and nothing in it that should not be. */
async function expectClean(shell: Shell): Promise<void> {
  expect(await shell.paste('berth verify')).toContain('; 0 damaged, 0 unreadable.');
  const check = await shell.paste('berth check');
  expect(check).toMatch(/^0 unknown files, 0 blobs without a file,$/m);
  expect(check).toMatch(/^0 blobs without a manifest and 0 without a repository/m);
}

test('all that the page has is tried here', () => {
  const found = [...sections].filter(([, blocks]) => blocks.length > 0);
  expect(found.map(([title, blocks]) => [title, blocks.length])).toEqual([
    ['Back up', 1],
    ['Blobs in S3, or copied by something else', 1],
    ['Restore', 2],
    ['Room: what is deleted, and when', 1],
    ['Damaged disks', 1],
    ['Long work', 1],
  ]);
});

describe('the drill', { timeout }, () => {
  test('while people push, delete and collect, and then the data folder is lost', async () => {
    const data = join(root, 'data');
    const server = await start(data);
    const secret = await addPeople();
    const kept = await pushMany('team/app', 12, 200_000);
    const deleted = await pushImage(server, alice, 'team/app', 'deleted', [randomBytes(50_000)]);
    await removeImage(server, alice, deleted);
    const token = await fetchToken(server, 'repository:team/app:pull', alice);
    const traffic = new Traffic(server, alice, () => api('/gc', {}));
    await traffic.until(6);

    const shell = await shellFor(data);
    const began = Date.now();
    await follow('Back up', shell);
    const ended = Date.now();
    await traffic.until(traffic.count + 6);
    const certain = (await traffic.stop()).filter(
      ({ pushedAt, removedAt = Infinity }) => pushedAt < began && removedAt > ended,
    );
    await server.stop();
    await rm(data, { recursive: true });

    const elsewhere = join(root, 'elsewhere');
    const there = await shellFor(elsewhere);
    const [restored, checked] = await follow('Restore', there);
    expect(restored).toMatch(/^The registry of .* is back, with \d+ blobs/m);
    expect(checked).toContain('; 0 damaged, 0 unreadable.');
    const again = await start(elsewhere);
    expect(certain.length).toBeGreaterThan(0);
    for (const image of [...kept, ...certain]) expect(await pullImage(again, alice, image)).toBe(200);
    expect(await pullImage(again, alice, deleted)).toBe(404);
    await expectTagsWhole(again);

    expect((await fetchWith(again, token, 'team/app/manifests/0')).status).toBe(200);
    expect(await pullImage(again, { name: 'anyone', password: secret }, kept[0]!)).toBe(200);
    expect(await pullImage(again, bob, kept[0]!)).toBe(401);
    expect((await api('/users')).body.items).toHaveLength(3);
    const fresh = await pushImage(again, alice, 'team/app', 'fresh', [randomBytes(1000)]);
    expect(await pullImage(again, alice, fresh)).toBe(200);
    await expectClean(there);
  });

  test('with blobs that something else keeps', async () => {
    const data = join(root, 'data');
    const server = await start(data);
    await addPeople();
    const images = await pushMany('team/app', 3, 10_000);
    const shell = await shellFor(data);
    await follow('Blobs in S3, or copied by something else', shell);
    const kept = join(root, 'elsewhere');
    await shell.paste(`mkdir "${kept}" && cut -d ' ' -f 3 /mnt/backup/berth/blobs.txt |
      tar -c -f - -C "${data}" -T - | tar -x -f - -C "${kept}"`);
    await server.stop();
    await rm(data, { recursive: true });
    const there = await shellFor(kept);
    await follow('Restore', there);
    const again = await start(kept);
    for (const image of images) expect(await pullImage(again, alice, image)).toBe(200);
  });

  test.skipIf(!versitygw)('from a bucket to another one, and back to where the blobs are', async () => {
    const s3 = await startBucketServer(versitygw!);
    try {
      const settings = async (folder: string, bucket?: string) =>
        bucketSettings(s3, bucket ?? (await s3.newBucket()).bucket, join(root, folder));
      const first = await settings('data');
      const server = await start(join(root, 'data'), first);
      await addPeople();
      const images = await pushMany('team/app', 3, 10_000);
      images.push(await pushImage(server, alice, 'team/app', 'large', [randomBytes(12_000_000)]));
      await follow('Back up', await shellFor(join(root, 'data'), first));
      await server.stop();
      const outlived = { ...first, ...(await settings('third', first['REGISTRY_STORAGE_S3_BUCKET'])) };
      for (const [folder, more] of [
        ['other', await settings('other')],
        ['third', outlived],
      ] as const) {
        const there = await shellFor(join(root, folder), more);
        const block = sections.get('Restore')![0]!;
        if (folder === 'third') await expect(there.paste(block)).rejects.toThrow('--keep-blobs');
        await there.paste(
          folder === 'third' ? block.replace('restore', 'restore --keep-blobs --verify') : block,
        );
        await expectClean(there);
        const again = await start(join(root, folder), more);
        for (const image of images) expect(await pullImage(again, alice, image)).toBe(200);
        await again.stop();
      }
    } finally {
      await s3.stop();
    }
  });
});

async function expectTagsWhole(server: BerthProcess): Promise<void> {
  const repositories = (await api('/repositories')).body.items as { name: string }[];
  expect(repositories.map(({ name }) => name).sort()).toEqual(['team/app', 'team/traffic']);
  for (const { name } of repositories) {
    const { items } = (await api(`/repositories/${name}/-/tags?n=1000`)).body as { items: any[] };
    for (const { name: tag, digest } of items) {
      expect(await pullImage(server, alice, { repository: name, tag, digest })).toBe(200);
    }
  }
}

describe('deletions', { timeout }, () => {
  let data: string;
  let shell: Shell;
  let doomed: PushedImage;

  beforeEach(async () => {
    data = join(root, 'data');
    shell = await shellFor(data);
    const server = await start(data);
    await addPeople();
    await pushMany('team/app', 4, 40_000_000);
    doomed = await pushImage(server, alice, 'team/app', 'doomed', [randomBytes(100_000)]);
  }, timeout);

  const isStored = async (image: PushedImage) =>
    (await shell.paste(`find "${data}" -name data | grep -c ${image.layers[0]!.slice(7)} || true`)).trim() ===
    '1';

  test('wait for the end of a backup, and then happen', async () => {
    await using backup = await startBackup(berth!, join(root, 'backup'));
    await removeImage(berth!, alice, doomed);
    expect(await shell.paste('berth garbage-collect')).toContain('2 blobs and 0 files were deleted');
    await sleep(6_000);
    expect(await isStored(doomed)).toBe(true);
    expect(await backup.goOn()).toBe(0);
    await until('the deletion', async () => ((await isStored(doomed)) ? undefined : true));

    const elsewhere = join(root, 'elsewhere');
    await (await shellFor(elsewhere)).paste('berth restore /mnt/backup/berth');
    expect(await pullImage(await restart(elsewhere), alice, doomed)).toBe(200);
  });

  test('wait no longer than the lease where a backup is killed', async () => {
    await using backup = await startBackup(berth!, join(root, 'backup'));
    await removeImage(berth!, alice, doomed);
    await backup.kill();
    const killed = Date.now();
    expect(await shell.paste('berth garbage-collect')).toContain('0 files were deleted');
    await expect(shell.paste('berth backup /mnt/backup/berth')).rejects.toThrow(
      'another backup is being made',
    );
    await expect(shell.paste('berth restore /mnt/backup/berth')).rejects.toThrow('no finished backup');
    await until('the deletion', async () => ((await isStored(doomed)) ? undefined : true), 60_000);
    expect(Date.now() - killed).toBeLessThan(50_000);
    expect(await shell.paste('berth backup /mnt/backup/berth')).toContain('It has the database and');
  });

  const restart = async (folder: string) => {
    await berth?.stop();
    return start(folder);
  };
});

describe('the other commands of the page', { timeout }, () => {
  test('do what it says of them', async () => {
    const data = join(root, 'data');
    const server = await start(data);
    const shell = await shellFor(data);
    await addPeople();
    const image = await pushImage(server, alice, 'team/app', '1', [randomBytes(1000)]);
    await removeImage(server, alice, image);
    const [collected] = await follow('Room: what is deleted, and when', shell);
    expect(collected).toMatch(/^2 blobs and 2 files would be deleted/m);
    expect(collected).toMatch(/^2 blobs and 2 files were deleted/m);
    await follow('Damaged disks', shell);
    const [jobs] = await follow('Long work', shell);
    for (const kind of ['garbage-collect', 'verify', 'check']) expect(jobs).toContain(kind);
  });
});
