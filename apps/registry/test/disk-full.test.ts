import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type BerthProcess, startBerth } from './support/berth-process.ts';
import { basic } from './support/registry-client.ts';
import { imageManifest, imageType, sha256 } from './support/registry.ts';
import { canMount, mountSmallDisk, type SmallDisk } from './support/small-disk.ts';

const admin = { name: 'admin', password: 'a-password-of-our-own' };
const mebibyte = 1024 * 1024;
const timeout = 120_000;

describe.skipIf(!(await canMount()))('a disk that is full', { timeout }, () => {
  let disk: SmallDisk;
  let berth: BerthProcess;
  /** By URL: what was acknowledged. */
  let acknowledged: Map<string, string>;

  beforeEach(async () => {
    disk = (await mountSmallDisk(48))!;
    acknowledged = new Map();
    await start();
  }, timeout);

  afterEach(async () => {
    await berth.stop();
    await disk.remove();
  }, timeout);

  async function start(): Promise<void> {
    const env = { BERTH_ADMIN_PASSWORD: admin.password };
    berth = await startBerth({ folder: join(disk.folder, 'data'), env });
  }

  const ask = (method: string, path: string, body: string | null = null, type = 'application/octet-stream') =>
    fetch(`${berth.url}${path}`, {
      method,
      body,
      headers: { authorization: basic(admin), 'content-type': type, accept: '*/*' },
    });

  /** Remembers what was acknowledged; anything else must be a clear answer. */
  async function put(
    method: string,
    path: string,
    url: string,
    body: string,
    type?: string,
  ): Promise<number> {
    const answer = await ask(method, path, body, type);
    const text = await answer.text();
    if (answer.status === 201) acknowledged.set(url, body);
    else {
      expect(answer.status, text).toBe(503);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(JSON.parse(text)).toEqual({
        errors: [{ code: 'UNAVAILABLE', message: 'the registry has no space left' }],
      });
    }
    return answer.status;
  }

  const pushBlob = (content: string) =>
    put(
      'POST',
      `/v2/team/app/blobs/uploads/?digest=${sha256(content)}`,
      `/v2/team/app/blobs/${sha256(content)}`,
      content,
    );

  const pushManifest = (tag: string, blobs: readonly string[]) => {
    const manifest = imageManifest(blobs[0]!, blobs.slice(1), { annotations: { tag } });
    return put('PUT', `/v2/team/app/manifests/${tag}`, `/v2/team/app/manifests/${tag}`, manifest, imageType);
  };

  async function everythingIsServed(): Promise<void> {
    for (const [url, content] of acknowledged) {
      const answer = await ask('GET', url);
      expect(answer.status, url).toBe(200);
      expect((await answer.text()) === content, url).toBe(true);
    }
  }

  const fill = (mebibytes: number) =>
    writeFile(join(disk.folder, 'filler'), Buffer.alloc(mebibytes * mebibyte)).catch(() => undefined);

  test('refuses blobs clearly, serves what it acknowledged, and works again when there is room', async () => {
    const statuses: number[] = [];
    for (let turn = 0; turn < 40; turn += 1)
      statuses.push(await pushBlob(randomBytes(mebibyte / 2).toString('hex')));
    expect(new Set(statuses)).toEqual(new Set([201, 503]));
    await everythingIsServed();
    await berth.stop('SIGKILL');
    await start();
    await everythingIsServed();
    const [gone = ''] = acknowledged.keys();
    expect((await ask('DELETE', gone)).status).toBe(202);
    acknowledged.delete(gone);
    const collected = await berth.berth(['garbage-collect', '--include-recent', '--json']);
    expect(collected, collected.stderr).toMatchObject({ code: 0 });
    // What no manifest names went too: these were blobs only.
    acknowledged.clear();
    expect(await pushBlob(randomBytes(mebibyte / 2).toString('hex'))).toBe(201);
    await everythingIsServed();
  });

  test('refuses manifests clearly too, where not even the database can grow', async () => {
    const layer = randomBytes(1000).toString('hex');
    expect(await pushBlob(layer)).toBe(201);
    expect(await pushManifest('first', [layer])).toBe(201);
    await fill(100);
    const statuses: number[] = [];
    for (let turn = 0; turn < 200 && !statuses.includes(503); turn += 1) {
      statuses.push(await pushManifest(`v${turn}`, [layer]));
    }
    expect(statuses).toContain(503);
    await everythingIsServed();
    await rm(join(disk.folder, 'filler'));
    expect(await pushManifest('last', [layer])).toBe(201);
    await everythingIsServed();
    await berth.stop('SIGKILL');
    await start();
    await everythingIsServed();
  });
});
