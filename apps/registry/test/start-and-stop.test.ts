import { once } from 'node:events';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type BerthOptions,
  type BerthProcess,
  berth,
  berthEnvironment,
  startBerth,
} from './support/berth-process.ts';
import type { CommandResult } from './support/command.ts';
import { findOldNode } from './support/old-node.ts';
import { basic, untilWritten } from './support/registry-client.ts';
import { removeFolder, temporaryFolder } from './support/temporary.ts';
import { until } from './support/waiting.ts';

const oldNode = await findOldNode();
const password = 'a-password-of-our-own';
const admin = { name: 'admin', password };
const timeout = 180_000;

let root: string;
let folder: string;
const running: BerthProcess[] = [];

beforeEach(async () => {
  root = await temporaryFolder();
  folder = join(root, 'data');
});

afterEach(async () => {
  for (const process of running.splice(0)) await process.stop();
  await removeFolder(root);
}, timeout);

async function start(options: BerthOptions = {}): Promise<BerthProcess> {
  const process = await startBerth({ folder, ...options });
  running.push(process);
  return process;
}

/** The status of `docker login`: the token endpoint with Basic credentials. */
async function login(process: BerthProcess, secret: string): Promise<number> {
  const authorization = basic({ name: 'admin', password: secret });
  const answer = await fetch(`${process.url}/auth/token?service=berth&account=admin`, {
    headers: { authorization },
  });
  return answer.status;
}

const passwordFile = () => join(folder, 'initial-admin-password');

describe('the first start', { timeout }, () => {
  test('makes an admin, prints the password once and keeps it in a file for its owner only', async () => {
    const first = await start();
    const secret = (await readFile(passwordFile(), 'utf8')).trim();
    expect((await stat(passwordFile())).mode & 0o777).toBe(0o600);
    await until('the password in the output', () => first.output().includes(secret) || undefined);
    expect(first.output().split(secret)).toHaveLength(2);
    expect(await login(first, secret)).toBe(200);
    expect(await login(first, `${secret}x`)).toBe(401);

    await first.stop();
    const second = await start();
    expect(await login(second, secret)).toBe(200);
    await second.stop();
    expect(second.output()).not.toContain(secret);
    expect(second.output()).not.toMatch(/password/i);
  });

  test('says in a few lines where it is and what to do', async () => {
    const process = await start();
    const says = [
      process.host,
      folder,
      `docker login ${process.host} -u admin`,
      `docker push ${process.host}/`,
      'user add',
      'grant add',
    ];
    await until('every line', () => says.every((text) => process.output().includes(text)) || undefined).catch(
      () => undefined,
    );
    expect(says.filter((text) => !process.output().includes(text))).toEqual([]);
    expect(process.output().trim().split('\n').length).toBeLessThanOrEqual(20);
  });

  test('takes the password from BERTH_ADMIN_PASSWORD and tells nobody', async () => {
    const process = await start({ env: { BERTH_ADMIN_PASSWORD: password } });
    expect(await login(process, password)).toBe(200);
    await expect(stat(passwordFile())).rejects.toThrow('ENOENT');
    await process.stop();
    expect(process.output()).not.toContain(password);
  });
});

describe('Ctrl-C', { timeout }, () => {
  const body = Buffer.alloc(64 * 1024, 'b');

  /** A PATCH of an upload whose first half is sent. */
  async function halfAnUpload(process: BerthProcess): Promise<ClientRequest> {
    const authorization = basic(admin);
    const started = await fetch(`${process.url}/v2/team/slow/blobs/uploads/`, {
      method: 'POST',
      headers: { authorization },
    });
    expect(started.status).toBe(202);
    const location = new URL(started.headers.get('location')!, process.url);
    const headers = {
      authorization,
      'content-type': 'application/octet-stream',
      'content-length': 2 * body.length,
    };
    const patch = request(location, { method: 'PATCH', headers });
    patch.write(body);
    await untilWritten(process, location.pathname);
    return patch;
  }

  test('stops within a second', async () => {
    let fastest = Infinity;
    // On a busy machine some take longer.
    for (let turn = 0; turn < 5 && fastest >= 1000; turn += 1) {
      const { milliseconds, ...ending } = await (await start()).stop('SIGINT');
      expect(ending).toEqual({ code: 0, signal: null });
      fastest = Math.min(fastest, milliseconds);
    }
    expect(fastest).toBeLessThan(1000);
  });

  test('finishes a request in flight', async () => {
    const process = await start({ env: { BERTH_ADMIN_PASSWORD: password } });
    const patch = await halfAnUpload(process);
    const answered = once(patch, 'response') as Promise<[IncomingMessage]>;
    const stopped = process.stop('SIGINT');
    await sleep(200);
    patch.end(body);
    expect((await answered)[0].statusCode).toBe(202);
    const ending = await stopped;
    expect(ending.code).toBe(0);
    expect(ending.milliseconds).toBeLessThan(5000);
  });

  test('waits for a client that has stopped sending no longer than http.draintimeout', async () => {
    const env = { BERTH_ADMIN_PASSWORD: password, REGISTRY_HTTP_DRAINTIMEOUT: '300ms' };
    const process = await start({ env });
    const patch = await halfAnUpload(process);
    patch.on('error', () => undefined);
    const ending = await process.stop('SIGINT');
    expect(ending.code).toBe(0);
    expect(ending.milliseconds).toBeLessThan(5000);
  });
});

describe('what prevents a start is one clear line', { timeout }, () => {
  function expectOneLine({ code, stdout, stderr }: CommandResult, says: RegExp): void {
    expect(stderr).toMatch(says);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(stdout).not.toContain('Berth listens');
    expect(code).toBeGreaterThan(0);
  }

  const serveIn = (data: string, extra?: Record<string, string>) =>
    berth(['serve'], { env: berthEnvironment(data, extra), timeout: timeout / 2 });

  test('a port in use', async () => {
    const { url } = await start();
    const { host, port } = new URL(url);
    expectOneLine(
      await serveIn(join(root, 'other'), { REGISTRY_HTTP_ADDR: host }),
      new RegExp(`port ${port} is in use`),
    );
  });

  test('a data folder that is a file', async () => {
    const file = join(root, 'file');
    await writeFile(file, 'not a folder');
    expectOneLine(await serveIn(file), new RegExp(`data folder ${file}`));
  });

  test('a data folder that cannot be made', async () => {
    expectOneLine(await serveIn('/sys/berth'), /data folder \/sys\/berth/);
  });

  test('a password for the first administrator that is too short, and the next start makes him', async () => {
    const env = { BERTH_ADMIN_PASSWORD: 'short' };
    expectOneLine(await serveIn(folder, env), /BERTH_ADMIN_PASSWORD: .* must have 8 characters/);
    expect(await login(await start({ env: { BERTH_ADMIN_PASSWORD: password } }), password)).toBe(200);
  });

  test.skipIf(!oldNode)('a Node that is too old', async () => {
    expectOneLine(await berth(['serve'], { node: oldNode!, env: berthEnvironment(folder) }), /Node.* 24/);
  });
});
