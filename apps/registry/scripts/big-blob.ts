/**
 * Pushes and pulls one big blob through a real server process and prints how fast it was and how much memory the
 * process held at most:
 *
 *   node --conditions=source apps/registry/scripts/big-blob.ts [GiB]
 *
 * Linux only: it reads /proc.
 */
import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { startBerth } from '../test/support/berth-process.ts';

const mebibyte = 1024 * 1024;
const size = Number(process.argv[2] ?? 2) * 1024 * mebibyte;
const password = randomBytes(16).toString('hex');
const chunk = randomBytes(mebibyte);

const berth = await startBerth({ env: { BERTH_ADMIN_PASSWORD: password } });
try {
  const headers = { authorization: `Bearer ${await token()}` };
  console.log(`at the start      ${await memory('VmRSS')} MB resident`);
  const digest = digestOfContent();
  await timed('push', () => push(digest, headers));
  await timed('pull', () => pull(digest, headers));
  console.log(`at most           ${await memory('VmHWM')} MB resident`);
} finally {
  await berth.remove();
}

async function token(): Promise<string> {
  const url = `${berth.url}/auth/token?service=berth&scope=repository:big/blob:pull,push`;
  const authorization = `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`;
  const response = await fetch(url, { headers: { authorization } });
  return ((await response.json()) as { token: string }).token;
}

function* content(): Generator<Buffer> {
  for (let sent = 0; sent < size; sent += chunk.length)
    yield chunk.subarray(0, Math.min(chunk.length, size - sent));
}

function digestOfContent(): string {
  const hash = createHash('sha256');
  for (const part of content()) hash.update(part);
  return `sha256:${hash.digest('hex')}`;
}

async function push(digest: string, headers: Record<string, string>): Promise<void> {
  const started = await fetch(`${berth.url}/v2/big/blob/blobs/uploads/`, { method: 'POST', headers });
  const body = ReadableStream.from(content());
  const location = `${berth.url}${started.headers.get('location')}?digest=${digest}`;
  const finished = await fetch(location, { method: 'PUT', headers, body, duplex: 'half' });
  if (finished.status !== 201) throw new Error(`push answered ${finished.status}: ${await finished.text()}`);
}

async function pull(digest: string, headers: Record<string, string>): Promise<void> {
  const response = await fetch(`${berth.url}/v2/big/blob/blobs/${digest}`, { headers });
  const hash = createHash('sha256');
  for await (const part of response.body ?? []) hash.update(part);
  if (`sha256:${hash.digest('hex')}` !== digest) throw new Error('the pulled bytes are others');
}

async function timed(what: string, work: () => Promise<void>): Promise<void> {
  const start = performance.now();
  await work();
  const seconds = (performance.now() - start) / 1000;
  console.log(`${what}  ${(size / mebibyte / seconds).toFixed(0).padStart(6)} MiB/s`);
}

/** Resident memory of the server in MB, from a line of /proc/<pid>/status in kB. */
async function memory(line: 'VmRSS' | 'VmHWM'): Promise<number> {
  const status = await readFile(`/proc/${berth.pid}/status`, 'utf8');
  return Math.round(Number(new RegExp(`${line}:\\s+(\\d+)`).exec(status)?.[1]) / 1000);
}
