import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { type BerthProcess, startBerth } from './support/berth-process.ts';
import { openSocket } from './support/raw-http.ts';
import { basic } from './support/registry-client.ts';
import { sha256 } from './support/registry.ts';

const admin = { name: 'admin', password: 'a-password-of-our-own' };
const authorization = basic(admin);
const mebibyte = 1024 * 1024;
const clients = 40;

/** A download holds one buffer of 1 MiB, and what is on its way to the socket. */
const mostEach = 2 * mebibyte;
const stalled: Socket[] = [];
let berth: BerthProcess;

afterEach(async () => {
  for (const socket of stalled.splice(0)) socket.destroy();
  await berth.remove();
});

/** Memory that the process has for itself, in bytes: proc_pid_status(5). */
async function ownMemory(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

/** Asks for the blob, and reads no more than the beginning of the answer. */
async function readTheBeginning(path: string): Promise<void> {
  const socket = await openSocket(Number(new URL(berth.url).port));
  stalled.push(socket);
  socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\nauthorization: ${authorization}\r\n\r\n`);
  await once(socket, 'readable');
}

describe.skipIf(process.platform !== 'linux')('clients that stop reading a big blob', () => {
  test('take little memory, and nobody waits for them', async () => {
    berth = await startBerth({ env: { BERTH_ADMIN_PASSWORD: admin.password } });
    const content = randomBytes(48 * mebibyte);
    const digest = sha256(content);
    const path = `/v2/team/app/blobs/${digest}`;
    const download = async () => {
      const answer = await fetch(`${berth.url}${path}`, { headers: { authorization } });
      expect(sha256(await answer.bytes())).toBe(digest);
    };
    const upload = `${berth.url}/v2/team/app/blobs/uploads/?digest=${digest}`;
    await fetch(upload, { method: 'POST', headers: { authorization }, body: content });
    await download();
    const before = await ownMemory(berth.pid);
    await Promise.all(Array.from({ length: clients }, () => readTheBeginning(path)));
    await sleep(500);
    const grown = (await ownMemory(berth.pid)) - before;
    process.stdout.write(`${clients} clients that stopped reading: ${(grown / mebibyte).toFixed(1)} MiB\n`);
    expect(grown).toBeLessThan(clients * mostEach);
    const start = performance.now();
    expect((await fetch(`${berth.url}/healthz`)).status).toBe(200);
    expect(performance.now() - start).toBeLessThan(5000);
    await download();
  }, 60_000);
});
