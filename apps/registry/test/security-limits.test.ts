import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newUser, somebody, type Somebody } from './support/people.ts';
import { openSocket } from './support/raw-http.ts';
import {
  imageManifest,
  imageType,
  indexType,
  password,
  sha256,
  startRegistry,
  type Registry,
} from './support/registry.ts';
import { until } from './support/waiting.ts';

/** What one request may cost, and what a right to push does not give. */
let registry: Registry;
let admin: Somebody;
let alice: Somebody;
const scope = ['repository:alice/app:pull,push,delete'];

beforeAll(async () => {
  registry = await startRegistry();
  admin = somebody(registry, 'admin', password);
  alice = await newUser(registry, 'alice');
  await alice.v2('POST', `alice/app/blobs/uploads/?digest=${sha256('{}')}`, scope, { body: '{}' });
});

afterAll(() => registry.remove());

const put = (reference: string, body: string, type = imageType) =>
  alice.v2('PUT', `alice/app/manifests/${reference}`, scope, { body, headers: { 'content-type': type } });

const indexOf = (digests: readonly string[]) =>
  JSON.stringify({
    schemaVersion: 2,
    mediaType: indexType,
    manifests: digests.map((digest) => ({ mediaType: imageType, digest, size: 2 })),
  });

async function bytesOf(link: string | null): Promise<{ size: number; next: string | null; count: number }> {
  const answer = await alice.v2('GET', link ?? '', scope);
  const text = await answer.text();
  const next = /<\/v2\/([^>]*)>/.exec(answer.headers.get('link') ?? '')?.[1] ?? null;
  return { size: text.length, next, count: JSON.parse(text).manifests.length };
}

describe('a manifest', () => {
  test('that names more than it may is refused', async () => {
    const many = Array.from({ length: 10_001 }, (_, index) => sha256(String(index)));
    const answer = await put('many', indexOf(many), indexType);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ errors: [{ code: 'MANIFEST_INVALID' }] });
  });

  test('with a thousand layers that are not there names some of them', async () => {
    const answer = await put(
      'missing',
      imageManifest(
        '{}',
        Array.from({ length: 1000 }, (_, n) => `layer ${n}`),
      ),
    );
    const { errors } = (await answer.json()) as { errors: [{ code: string; detail: { digests: string[] } }] };
    expect([answer.status, errors[0].code]).toEqual([400, 'MANIFEST_BLOB_UNKNOWN']);
    expect(errors[0].detail.digests).toHaveLength(100);
  });

  test.each([
    [
      '34: that is an image and an index at once',
      { ...JSON.parse(imageManifest('{}', [])), manifests: [] },
      imageType,
    ],
    ['34: that is an index and an image at once', { ...JSON.parse(indexOf([])), layers: [] }, indexType],
    ['34: that says it is an index, of an image', JSON.parse(imageManifest('{}', [])), indexType],
    ['34: that says it is an image, of an index', JSON.parse(indexOf([])), imageType],
  ])('%s is refused', async (_, content, type) => {
    const answer = await put('confused', JSON.stringify(content), type);
    expect([answer.status, await answer.json()]).toMatchObject([
      400,
      { errors: [{ code: 'MANIFEST_INVALID' }] },
    ]);
  });

  test('of nothing but brackets is refused before it is parsed', async () => {
    const deep = '['.repeat(1_000_000) + ']'.repeat(1_000_000);
    const answer = await put('deep', deep);
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('nested too deeply');
  });
});

test('a page of referrers ends before 4 MiB of annotations, and the next one follows', async () => {
  const subject = { mediaType: imageType, digest: sha256('subject'), size: 7 };
  for (const note of ['a', 'b', 'c']) {
    const body = imageManifest('{}', [], { subject, annotations: { note: note.repeat(2_000_000) } });
    expect((await put(sha256(body), body)).status).toBe(201);
  }
  const first = await bytesOf(`alice/app/referrers/${subject.digest}`);
  expect(first.count).toBe(2);
  expect(first.size).toBeLessThan(4.1 * 1024 * 1024);
  const second = await bytesOf(first.next);
  expect([second.count, second.next]).toEqual([1, null]);
});

describe('an immutable tag', () => {
  const image = imageManifest('{}', []);
  const inner = indexOf([sha256(image)]);
  const outer = indexOf([sha256(inner)]);

  test('keeps all that its index stands for', async () => {
    await put(sha256(image), image);
    await put(sha256(inner), inner, indexType);
    await put('prod', outer, indexType);
    await admin.api('PATCH', '/repositories/alice/app', { immutableTags: ['prod'] });
    for (const reference of ['prod', sha256(outer), sha256(inner), sha256(image)]) {
      const answer = await alice.v2('DELETE', `alice/app/manifests/${reference}`, scope);
      expect([reference, answer.status]).toEqual([reference, 409]);
    }
    expect((await put('prod', inner, indexType)).status).toBe(403);
    expect((await put('prod', outer, indexType)).status).toBe(201);
  });

  test('lets go when it is one no more', async () => {
    await admin.api('PATCH', '/repositories/alice/app', { immutableTags: [] });
    expect((await alice.v2('DELETE', `alice/app/manifests/${sha256(outer)}`, scope)).status).toBe(202);
    expect((await alice.v2('DELETE', `alice/app/manifests/${sha256(image)}`, scope)).status).toBe(202);
  });
});

test('29: a stranger does not end the upload of somebody else', async () => {
  const mallory = await newUser(registry, 'mallory');
  await admin.api('POST', '/grants', { subject: 'user:mallory', repository: 'alice/app', role: 'writer' });
  const started = await alice.v2('POST', 'alice/app/blobs/uploads/', scope);
  const session = started.headers.get('location') ?? '';
  const { token } = await alice.token(scope);
  const socket = await openSocket(registry.port);
  socket.write(
    `PATCH ${session} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${token}\r\ncontent-length: 10\r\n\r\n12345`,
  );
  const file = join(registry.folder, 'berth/uploads', session.split('/').at(-1) ?? '');
  await until('the writer', () =>
    stat(file).then(
      () => true,
      () => undefined,
    ),
  );
  for (const method of ['PATCH', 'DELETE']) {
    expect((await mallory.v2(method, session.slice('/v2/'.length), scope)).status).toBe(404);
  }
  const answer = new Promise<string>((resolve) => socket.once('data', (data) => resolve(String(data))));
  socket.write('67890');
  expect(await answer).toMatch(/^HTTP\/1\.1 202 [^]*range: 0-9/i);
  socket.destroy();
});

test('only its owner reads the database', async () => {
  const files = (await readdir(registry.folder)).filter((name) => name.startsWith('berth.db'));
  expect(files).toContain('berth.db-wal');
  for (const name of files) expect((await stat(join(registry.folder, name))).mode & 0o777).toBe(0o600);
});

test('the audit has who was refused, and what was deleted', async () => {
  const carol = await newUser(registry, 'carol');
  await carol.v2('GET', 'alice/app/manifests/latest', ['repository:alice/app:pull']);
  const rows = await until('the audit', async () => {
    const { body } = await admin.api('GET', '/audit?repository=alice/app&n=1000');
    return body.items.some(({ actor }: { actor: string }) => actor === 'carol') ? body.items : undefined;
  });
  expect(rows).toContainEqual(
    expect.objectContaining({
      actor: 'carol',
      action: 'registry.pull',
      outcome: 'denied',
      repository: 'alice/app',
    }),
  );
  expect(rows).toContainEqual(
    expect.objectContaining({ actor: 'alice', action: 'registry.delete', outcome: 'done' }),
  );
  expect(rows).toContainEqual(expect.objectContaining({ actor: 'alice', outcome: 'denied', target: 'prod' }));
});
