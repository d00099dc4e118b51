import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { berthEnvironment, startBerth, type BerthProcess } from './support/berth-process.ts';
import { imageManifest, imageType, sha256 } from './support/registry.ts';
import { until } from './support/waiting.ts';

/** The command line on the database and the storage of a server that serves. */
const settings = { REGISTRY_AUTH: 'none', REGISTRY_STORAGE_DELETE_ENABLED: 'true' };

let berth: BerthProcess;

beforeAll(async () => {
  berth = await startBerth({ env: settings });
});

afterAll(() => berth.remove());

const ask = (method: string, path: string, init: RequestInit = {}) =>
  fetch(`${berth.url}${path}`, { method, ...init });

const push = (repository: string, content: string | Uint8Array<ArrayBuffer>) =>
  ask('POST', `/v2/${repository}/blobs/uploads/?digest=${sha256(content)}`, { body: content });

/** What people ask the server for, the newest job first. */
async function jobs(): Promise<{ readonly kind: string; readonly state: string }[]> {
  const { stdout } = await berth.berth(['job', 'list', '--json']);
  return (JSON.parse(stdout) as { items: { kind: string; state: string }[] }).items;
}

describe('a collection by the command line', { timeout: 120_000 }, () => {
  const contents = ['one', 'two', 'three'];

  /** Answers how often the image was whole, or what was wrong. */
  async function pushAndDelete(repository: string, until: AbortSignal): Promise<number> {
    let whole = 0;
    const [config = '', ...layers] = contents;
    const manifest = imageManifest(config, layers);
    while (!until.aborted) {
      for (const content of contents) expect((await push(repository, content)).status).toBe(201);
      const headers = { 'content-type': imageType };
      const put = await ask('PUT', `/v2/${repository}/manifests/latest`, { headers, body: manifest });
      // It took a blob that no manifest named yet, as it was told to.
      if (put.status === 400) continue;
      expect(put.status).toBe(201);
      for (const content of contents) {
        const answer = await ask('GET', `/v2/${repository}/blobs/${sha256(content)}`);
        expect([answer.status, await answer.text()]).toEqual([200, content]);
      }
      const gone = await ask('DELETE', `/v2/${repository}/manifests/${sha256(manifest)}`);
      expect(gone.status).toBe(202);
      whole += 1;
    }
    return whole;
  }

  test('takes nothing of what the server was given, and said that it has', async () => {
    const end = new AbortController();
    const pushing = ['team/one', 'team/two', 'team/three'].map((name) => pushAndDelete(name, end.signal));
    const collecting = async () => {
      let blobs = 0;
      for (let turn = 0; turn < 6; turn += 1) {
        const collected = await berth.berth(['garbage-collect', '--include-recent', '--json']);
        expect(collected.output).not.toMatch(/berth: /);
        blobs += (JSON.parse(collected.stdout) as { report: { blobs: number } }).report.blobs;
      }
      return blobs;
    };
    const collected = await Promise.race([collecting(), Promise.all(pushing).then(() => 0)]).finally(() =>
      end.abort(),
    );
    expect(collected).toBeGreaterThan(0);
    for (const whole of await Promise.all(pushing)) expect(whole).toBeGreaterThan(3);
    const check = await berth.berth(['check', '--json']);
    expect(JSON.parse(check.stdout)).toMatchObject({
      report: { damagedBlobs: { count: 0 }, unknownFiles: { count: 0 } },
    });
  });
});

describe('Ctrl-C at a job of the command line', { timeout: 180_000 }, () => {
  test('ends it as stopped, and another one may begin at once', async () => {
    const content = randomBytes(3_000_000);
    expect((await push('team/large', content)).status).toBe(201);
    const launcher = resolve(import.meta.dirname, '../bin/berth.js');
    const child = spawn(process.execPath, ['--conditions=source', launcher, 'verify', '--rate', '0.05'], {
      env: berthEnvironment(berth.folder, settings),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    await until('the job', async () => (await jobs()).find(({ state }) => state === 'running'));
    await sleep(200);
    child.kill('SIGINT');
    const [code] = await once(child, 'exit');
    expect([code, said]).toEqual([1, 'berth: the job stopped\n']);
    expect((await jobs())[0]).toMatchObject({ kind: 'verify', state: 'stopped' });
    expect((await berth.berth(['check'])).code).toBe(0);
  });

  test('ends the process where there is nothing to stop', async () => {
    const program = `
      import { stopFirst } from '${resolve(import.meta.dirname, '../src/interruption.ts')}';
      stopFirst(async () => false);
      setInterval(() => {}, 1000);
      process.stdout.write('ready');`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program]);
    await once(child.stdout, 'data');
    child.kill('SIGINT');
    const [, signal] = await once(child, 'exit');
    expect(signal).toBe('SIGINT');
  });
});
