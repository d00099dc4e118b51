import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { startBerth, type BerthProcess } from '../../test/support/berth-process.ts';
import { imageManifest, imageType, sha256 } from '../../test/support/registry.ts';
import { bucketSettings, everythingIn } from '../../test/support/s3.ts';
import { removeFolder, temporaryFolder } from '../../test/support/temporary.ts';
import type { Swift } from './all-in-one.ts';

const mebibyte = 1024 * 1024;
const config = '{}';
const repository = '/v2/team/app';

/** Pushes, pulls, kills, collects and verifies a Berth whose blobs are in Swift. Answers what failed. */
export async function tryBerth(swift: Swift): Promise<string[]> {
  const folder = await temporaryFolder();
  const trial = new Trial(swift, folder, (await swift.newBucket()).bucket);
  try {
    return await trial.run();
  } finally {
    await trial.stop();
    await removeFolder(folder);
  }
}

class Trial {
  readonly #swift: Swift;
  readonly #folder: string;
  readonly #bucket: string;
  readonly #failed: string[] = [];
  #berth: BerthProcess | undefined;

  constructor(swift: Swift, folder: string, bucket: string) {
    this.#swift = swift;
    this.#folder = folder;
    this.#bucket = bucket;
  }

  async run(): Promise<string[]> {
    const layer = randomBytes(200 * mebibyte);
    await this.#start();
    await this.#step('push of a layer of 200 MiB', () => this.#push(layer), layer.length);
    await this.#step('push of the image that has it', () => this.#pushImage(layer));
    await this.#step('pull by the URL of Swift', () => this.#pull(layer), layer.length);
    await this.#step('pull of a range', () => this.#pullRange(layer));
    await this.#step('an upload with a wrong digest leaves nothing', () => this.#pushWrong());
    await this.#step('an upload in chunks goes on after SIGKILL', () => this.#resume());
    await this.#step('pull through Berth', () => this.#pull(layer), layer.length);
    await this.#step('a collection deletes what no image has', () => this.#collect());
    await this.#step('verify', () => this.#command('verify'));
    await this.#step('check', () => this.#command('check'));
    return this.#failed;
  }

  async stop(): Promise<void> {
    await this.#berth?.stop();
  }

  async #start(more: Readonly<Record<string, string>> = {}): Promise<void> {
    const settings = bucketSettings(this.#swift, this.#bucket, this.#folder);
    const open = { REGISTRY_AUTH: 'none', REGISTRY_STORAGE_DELETE_ENABLED: 'true' };
    const env = { ...settings, ...open, REGISTRY_LOG_LEVEL: 'error', ...more };
    this.#berth = await startBerth({ env, folder: join(this.#folder, 'data') });
  }

  async #step(what: string, work: () => Promise<unknown>, bytes?: number): Promise<void> {
    const start = performance.now();
    const error = await work().then(
      () => undefined,
      (reason: unknown) => String(reason),
    );
    const seconds = (performance.now() - start) / 1000;
    const speed = bytes === undefined ? '' : `, ${(bytes / 1e6 / seconds).toFixed(0)} MB/s`;
    const figures = error ?? `${seconds.toFixed(1)} s${speed}`;
    console.log(`${error === undefined ? 'ok    ' : 'FAILED'} ${what}: ${figures}`);
    if (error !== undefined) this.#failed.push(what);
  }

  async #ask(status: number, method: string, path: string, init: RequestInit = {}): Promise<Response> {
    const answer = await fetch(new URL(path, this.#berth!.url), { method, ...init });
    if (answer.status === status) return answer;
    throw new Error(`${method} ${path} answered ${answer.status}: ${await answer.text()}`);
  }

  async #begin(): Promise<string> {
    const { headers } = await this.#ask(202, 'POST', `${repository}/blobs/uploads/`);
    return headers.get('location')!;
  }

  async #push(content: Uint8Array<ArrayBuffer>): Promise<void> {
    const path = await this.#begin();
    await this.#ask(201, 'PUT', `${path}?digest=${sha256(content)}`, { body: content });
  }

  async #pushImage(layer: Buffer): Promise<void> {
    await this.#push(Buffer.from(config));
    const descriptor = { mediaType: 'application/vnd.oci.image.layer.v1.tar', size: layer.length };
    const layers = [{ ...descriptor, digest: sha256(layer) }];
    const headers = { 'content-type': imageType };
    const body = imageManifest(config, [], { layers });
    await this.#ask(201, 'PUT', `${repository}/manifests/1`, { headers, body });
  }

  async #pull(content: Uint8Array): Promise<void> {
    const answer = await this.#ask(200, 'GET', `${repository}/blobs/${sha256(content)}`);
    if (!Buffer.from(await answer.arrayBuffer()).equals(content)) throw new Error('the bytes are others');
  }

  async #pullRange(content: Uint8Array): Promise<void> {
    const [start, end] = [15 * mebibyte + 1, 95 * mebibyte];
    const headers = { range: `bytes=${start}-${end - 1}` };
    const answer = await this.#ask(206, 'GET', `${repository}/blobs/${sha256(content)}`, { headers });
    const bytes = Buffer.from(await answer.arrayBuffer());
    if (!bytes.equals(content.subarray(start, end))) throw new Error('the bytes are others');
  }

  async #pushWrong(): Promise<void> {
    const before = await this.#keys();
    const path = await this.#begin();
    await this.#ask(202, 'PATCH', path, { body: randomBytes(25 * mebibyte) });
    await this.#ask(400, 'PUT', `${path}?digest=${sha256('something else')}`);
    const after = await this.#keys();
    if (after.join() !== before.join()) throw new Error(`the bucket has ${after.join(', ')}`);
  }

  /** One chunk is acknowledged; the server is killed while it receives the next one. */
  async #resume(): Promise<void> {
    const content = randomBytes(70 * mebibyte);
    const first = 27 * mebibyte;
    const path = await this.#begin();
    await this.#ask(202, 'PATCH', path, { body: content.subarray(0, first) });
    const { body, sent, end } = stallingBody(content.subarray(first, first + 20 * mebibyte));
    const second = this.#ask(202, 'PATCH', path, { body, duplex: 'half' }).catch(() => undefined);
    await sent;
    await this.#berth!.stop('SIGKILL');
    end();
    await second;
    await this.#start({ REGISTRY_STORAGE_REDIRECT_DISABLE: 'true' });
    const status = await this.#ask(204, 'GET', path);
    const offset = Number(status.headers.get('range')!.split('-')[1]) + 1;
    if (offset < first) throw new Error(`only ${offset} bytes are left`);
    const rest = content.subarray(offset);
    await this.#ask(201, 'PUT', `${path}?digest=${sha256(content)}`, { body: rest });
    await this.#pull(content);
  }
  async #collect(): Promise<void> {
    const before = await this.#keys();
    await this.#command('garbage-collect', '--include-recent');
    const after = await this.#keys();
    // The layer, the configuration; the blob of the upload in chunks is gone.
    if (before.length !== 3 || after.length !== 2)
      throw new Error(`${before.join(', ')} became ${after.join(', ')}`);
  }

  async #command(...args: string[]): Promise<void> {
    const { code, output } = await this.#berth!.berth(args);
    if (code !== 0) throw new Error(`berth ${args.join(' ')} ended with ${code}: ${output}`);
  }

  #keys(): Promise<string[]> {
    return everythingIn({ ...this.#swift, bucket: this.#bucket });
  }
}

/** A body that does not end before it is told to. `sent` resolves when all of `content` was taken. */
function stallingBody(content: Buffer): { body: ReadableStream; sent: Promise<void>; end: () => void } {
  const sent = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < content.length; at += mebibyte) yield content.subarray(at, at + mebibyte);
    sent.resolve();
    await ended.promise;
  }
  return { body: ReadableStream.from(chunks()), sent: sent.promise, end: ended.resolve };
}
