import { randomBytes } from 'node:crypto';
import { imageManifest, imageType, sha256 } from '../support/registry.ts';
import { until } from '../support/waiting.ts';
import type { Journal } from './journal.ts';

/** A client that writes down what it was told. Every member rejects where the server ends before it answers. */
export class CrashClient {
  readonly #origin: string;
  readonly #journal: Journal;

  constructor(origin: string, journal: Journal) {
    this.#origin = origin;
    this.#journal = journal;
  }

  async pushBlob(repository: string, content: string): Promise<string> {
    const session = await this.#begin(repository, content);
    await this.#send('PATCH', session, content, { 'content-type': 'application/octet-stream' });
    return this.#finish(session, repository, content, '');
  }

  async pushWhole(repository: string, content: string): Promise<string> {
    return this.#finish(`/v2/${repository}/blobs/uploads/`, repository, content, content, 'POST');
  }

  /** A session that stays open, with half of `content`. */
  async pushHalf(repository: string, content: string): Promise<void> {
    const session = await this.#begin(repository, content);
    await this.#send('PATCH', session, content.slice(0, content.length / 2));
  }

  async cancel(repository: string, content: string): Promise<void> {
    const session = await this.#begin(repository, content);
    await this.#send('PATCH', session, content);
    await this.#send('DELETE', session);
    this.#journal.end(session);
  }

  async mount(from: string, to: string, content: string): Promise<void> {
    const digest = sha256(content);
    await this.#journal.change(blobUrl(to, content), content, async () => {
      const url = `/v2/${to}/blobs/uploads/?mount=${digest}&from=${from}`;
      return (await this.#send('POST', url)).status === 201;
    });
  }

  /** Both by its tag and by its digest. */
  async putManifest(repository: string, tag: string, blobs: readonly [string, ...string[]]): Promise<string> {
    const manifest = imageManifest(blobs[0], blobs.slice(1), {
      annotations: { at: randomBytes(8).toString('hex') },
    });
    const put = async () => {
      const url = `/v2/${repository}/manifests/${tag}`;
      return (await this.#send('PUT', url, manifest, { 'content-type': imageType })).status === 201;
    };
    await this.#journal.change(manifestUrl(repository, sha256(manifest)), manifest, () =>
      this.#journal.change(manifestUrl(repository, tag), manifest, put),
    );
    return manifest;
  }

  async deleteTag(repository: string, tag: string): Promise<void> {
    const url = manifestUrl(repository, tag);
    await this.#journal.change(url, null, async () => (await this.#send('DELETE', url)).status === 202);
  }

  /** Of a manifest that no tag names. Its blobs go with the next collection. */
  async deleteManifest(repository: string, manifest: string, blobs: readonly string[]): Promise<void> {
    const url = manifestUrl(repository, sha256(manifest));
    for (const blob of blobs) this.#journal.mayGo(blobUrl(repository, blob));
    await this.#journal.change(url, null, async () => (await this.#send('DELETE', url)).status === 202);
  }

  async collect(): Promise<void> {
    await this.#job('/gc', { includeRecent: true });
  }

  /** As an administrator does it while others push; one of several at once is enough. */
  async collectCarefully(): Promise<void> {
    await this.#send('POST', '/api/v1/gc', '{}', { 'content-type': 'application/json' });
  }

  /** What a full scan finds: nothing, where nothing is half there. */
  async check(): Promise<Record<string, unknown>> {
    return this.#job('/check', {});
  }

  async #job(path: string, body: object): Promise<Record<string, unknown>> {
    const headers = { 'content-type': 'application/json' };
    // The job of a process that was killed is known to have ended after some seconds.
    const id = await until('a job', async () => {
      const started = await this.#send('POST', `/api/v1${path}`, JSON.stringify(body), headers);
      return ((await started.json()) as { id?: string }).id;
    });
    for (;;) {
      const response = await this.#send('GET', `/api/v1/jobs/${id}`);
      const job = (await response.json()) as { state: string; report: Record<string, unknown> };
      if (job.state !== 'running') return job.report;
    }
  }

  async #begin(repository: string, content: string): Promise<string> {
    const response = await this.#send('POST', `/v2/${repository}/blobs/uploads/`);
    const location = response.headers.get('location')!;
    this.#journal.open(location, { repository, content });
    return location;
  }

  async #finish(
    url: string,
    repository: string,
    content: string,
    body: string,
    method = 'PUT',
  ): Promise<string> {
    await this.#journal.change(blobUrl(repository, content), content, async () => {
      const { status } = await this.#send(method, `${url}?digest=${sha256(content)}`, body);
      if (status === 201) this.#journal.end(url);
      return status === 201;
    });
    return content;
  }

  async #send(
    method: string,
    url: string,
    body?: string,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    const response = await fetch(`${this.#origin}${url}`, { method, body: body ?? null, headers });
    if (response.status >= 500)
      throw new Error(`${method} ${url}: ${response.status} ${await response.text()}`);
    return response;
  }
}

const blobUrl = (repository: string, content: string) => `/v2/${repository}/blobs/${sha256(content)}`;
const manifestUrl = (repository: string, reference: string) => `/v2/${repository}/manifests/${reference}`;

/** Text that no other test has. */
export function freshContent(size = 30_000): string {
  return randomBytes(size / 2).toString('hex');
}
