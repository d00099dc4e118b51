import { parseReference, type Digest } from '@berth/protocol';
import type { StorageDriver } from '@berth/storage';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { blobPath, cacheState, layerFolder, revisionFolder, tagFolder } from '../layout.ts';
import { Collector } from '../collector/collector.ts';
import { listReferrers } from '../metadata/referrers.ts';
import { BlobStore } from '../stores/blobs.ts';
import { ManifestStore } from '../stores/manifests.ts';
import { UploadStore } from '../stores/uploads.ts';
import {
  descriptorOf,
  digestOfBytes,
  imageOf,
  indexOf,
  pushBlob,
  readBlob,
  repositoryName,
} from '../testing/content.ts';
import { openFixture, reviewDelay, type Fixture } from '../testing/fixture.ts';
import { putFile, readText, rowsOf, treeIn } from '../testing/tree.ts';
import { importRegistry } from './import-registry.ts';
import { allSkips, type ImportReport } from './report.ts';
import type { ImportProgress } from './run.ts';

const app = repositoryName('team/app');
const root = 'docker/registry/v2/repositories';

let fixture: Fixture;
let tree: ReturnType<typeof treeIn>;

beforeEach(async () => {
  fixture = await openFixture();
  tree = treeIn(fixture.context.storage);
});

afterEach(() => fixture.close());

const config = digestOfBytes('{}');
const layer = digestOfBytes('a layer');
const image = imageOf(config, [layer]);

/** An image of two blobs with the tag `1`. */
async function writeImage(name = app): Promise<void> {
  await tree.layer(name, '{}');
  await tree.layer(name, 'a layer');
  await tree.manifest(name, image);
  await tree.tag(name, '1', image.digest);
}

async function imported(): Promise<ImportReport> {
  const outcome = await importRegistry(fixture.context);
  if (outcome.kind !== 'imported') throw new Error(`nothing was imported: ${outcome.kind}`);
  return outcome.report;
}

const manifests = () => new ManifestStore(fixture.context, { layers: 'all', children: 'all' });
const get = (reference: string, name = app) => manifests().get(name, parseReference(reference));
const read = (digest: Digest, name = app) => readBlob(new BlobStore(fixture.context), name, digest);
const reviews = () =>
  fixture.context.database.reader.selectFrom('link_review').selectAll().orderBy('digest').execute();
const code = (code: string) => expect.objectContaining({ code });

describe('the tree of a registry:2', () => {
  test('is taken over, and no file of it is touched', async () => {
    await writeImage();
    const before = await fixture.files();
    expect(await imported()).toEqual({
      repositories: 1,
      manifests: 1,
      tags: 1,
      blobs: 2,
      bytes: 9,
      uploads: 0,
      skipped: [],
    });
    expect(await fixture.files()).toEqual(before);
    expect(Buffer.from((await get('1')).payload)).toEqual(image.payload);
    expect((await get(image.digest)).mediaType).toBe('application/vnd.oci.image.manifest.v1+json');
    expect(await read(layer)).toBe('a layer');
  });

  test('becomes private repositories, which hold nothing of each other', async () => {
    await writeImage();
    await tree.layer(repositoryName('other'), 'of another one');
    await imported();
    const rows = await fixture.context.database.reader.selectFrom('repository').selectAll().execute();
    expect(rows.map(({ name, visibility }) => [name, visibility])).toEqual([
      ['other', 'private'],
      ['team/app', 'private'],
    ]);
    await expect(read(digestOfBytes('of another one'))).rejects.toThrow(code('BLOB_UNKNOWN'));
  });

  test('has its referrers', async () => {
    await writeImage();
    const subject = descriptorOf(image.digest, 'application/vnd.oci.image.manifest.v1+json');
    const referrer = imageOf(config, [], { artifactType: 'a/note', subject });
    await tree.manifest(app, referrer);
    await imported();
    const page = { count: 10 };
    const { items } = await listReferrers(fixture.context.database.reader, {
      repository: app,
      subject: image.digest,
      page,
    });
    expect(items).toMatchObject([{ digest: referrer.digest, artifactType: 'a/note' }]);
  });

  test.each([
    ['a Docker image', { mediaType: 'application/vnd.docker.distribution.manifest.v2+json' }],
    ['an OCI image without its media type', { mediaType: undefined }],
    ['an OCI image with an empty one', { mediaType: '' }],
  ])('has %s', async (_, more) => {
    const document = { schemaVersion: 2, config: descriptorOf(config), layers: [], ...more };
    const payload = Buffer.from(JSON.stringify(document));
    await tree.layer(app, '{}');
    await tree.manifest(app, { digest: digestOfBytes(payload), payload });
    expect((await imported()).skipped).toEqual([]);
    const { mediaType } = await get(digestOfBytes(payload));
    expect(mediaType).toBe(more.mediaType || 'application/vnd.oci.image.manifest.v1+json');
  });

  test.each([
    ['an index with its media type', 'application/vnd.oci.image.index.v1+json'],
    ['an index without it', undefined],
    ['a manifest list', 'application/vnd.docker.distribution.manifest.list.v2+json'],
  ])('has %s, whose children may be missing', async (_, mediaType) => {
    await writeImage();
    const manifests = [image.digest, digestOfBytes('missing')].map((digest) => descriptorOf(digest));
    const payload = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, manifests }));
    const digest = digestOfBytes(payload);
    await tree.manifest(app, { digest, payload });
    await tree.tag(app, 'all', digest);
    expect((await imported()).skipped).toEqual([]);
    expect((await get('all')).mediaType).toBe(mediaType ?? 'application/vnd.oci.image.index.v1+json');
  });

  test('may name layers that are elsewhere', async () => {
    const foreign = { ...descriptorOf(digestOfBytes('elsewhere')), urls: ['https://elsewhere.example/x'] };
    await tree.layer(app, '{}');
    const { digest, payload } = imageOf(config, [], { layers: [foreign] });
    await tree.manifest(app, { digest, payload });
    expect((await imported()).skipped).toEqual([]);
  });

  test('may have blobs by their sha512, which get a file of their own', async () => {
    const sha512 = digestOfBytes('a layer', 'sha512');
    await tree.layer(app, '{}');
    await tree.layer(app, 'a layer');
    await tree.link(layerFolder(app, sha512), layer);
    const other = imageOf(config, [sha512]);
    await tree.manifest(app, other);
    expect((await imported()).skipped).toEqual([]);
    expect(await read(sha512)).toBe('a layer');
    expect(await readText(fixture.context.storage, blobPath(sha512))).toBe('a layer');
  });

  test('may have such a blob in many repositories, for which its bytes are read once', async () => {
    const sha512 = digestOfBytes('a layer', 'sha512');
    for (const name of [app, repositoryName('other')]) {
      await tree.layer(name, 'a layer');
      await tree.link(layerFolder(name, sha512), layer);
    }
    const { context } = fixture;
    const asked: string[] = [];
    const read: StorageDriver['read'] = (path, options) => {
      asked.push(path);
      return context.storage.read(path, options);
    };
    await importRegistry({ ...context, storage: { ...context.storage, read } });
    expect(asked.filter((path) => path === blobPath(layer))).toHaveLength(1);
  });

  test('may have half-finished uploads, which are counted and left', async () => {
    await writeImage();
    for (const file of ['data', 'startedat', 'hashstates/sha256/0']) {
      await putFile(fixture.context.storage, `${root}/${app}/_uploads/1-2-3/${file}`, 'x');
    }
    expect(await imported()).toMatchObject({ uploads: 1, skipped: [] });
    expect((await fixture.files()).filter((path) => path.includes('_uploads'))).toHaveLength(3);
  });

  test('may have an empty blob and a deleted tag', async () => {
    await writeImage();
    await tree.layer(app, '');
    await fixture.context.storage.delete(tagFolder(app, '1'));
    expect(await imported()).toMatchObject({ manifests: 1, tags: 0, blobs: 3 });
    expect(await read(digestOfBytes(''))).toBe('');
  });

  test('says how far it is', async () => {
    await writeImage();
    const seen: ImportProgress[] = [];
    await importRegistry(fixture.context, { progress: (progress) => seen.push(progress) });
    expect(seen[0]).toEqual({ phase: 'listing', files: 5 });
    expect(seen.at(-1)).toEqual({ phase: 'importing', done: 4, links: 4, repository: app });
  });
});

const schema1 = JSON.stringify({ schemaVersion: 1, name: app, tag: 'old', fsLayers: [], signatures: [] });
const nested = '['.repeat(2000);

/** What is wrong, how the tree comes to it, and what is said of which paths. */
const broken: readonly (readonly [string, () => Promise<unknown>, Record<string, readonly string[]>])[] = [
  [
    'a blob whose data is missing',
    () => fixture.context.storage.delete(blobPath(layer)),
    {
      'missing-blob': [`${layerFolder(app, layer)}/link`],
      incomplete: [`${revisionFolder(app, image.digest)}/link`],
    },
  ],
  [
    'a blob that lost its bytes in a power cut',
    () => putFile(fixture.context.storage, blobPath(layer), ''),
    {
      'wrong-bytes': [`${layerFolder(app, layer)}/link`],
      incomplete: [`${revisionFolder(app, image.digest)}/link`],
    },
  ],
  [
    'a blob without its link',
    () => fixture.context.storage.delete(layerFolder(app, layer)),
    { incomplete: [`${revisionFolder(app, image.digest)}/link`] },
  ],
  [
    'an empty link, as a crash leaves it',
    () => tree.link(layerFolder(app, digestOfBytes('other')), ''),
    { 'bad-link': [`${layerFolder(app, digestOfBytes('other'))}/link`] },
  ],
  [
    'a link to another blob',
    () => tree.link(layerFolder(app, digestOfBytes('other')), layer),
    { 'bad-link': [`${layerFolder(app, digestOfBytes('other'))}/link`] },
  ],
  [
    'a link that is far too long',
    () => tree.link(layerFolder(app, digestOfBytes('other')), layer.repeat(100)),
    { 'bad-link': [`${layerFolder(app, digestOfBytes('other'))}/link`] },
  ],
  [
    'a sha512 that is not that of the bytes',
    () => tree.link(layerFolder(app, digestOfBytes('other', 'sha512')), layer),
    { 'wrong-bytes': [`${layerFolder(app, digestOfBytes('other', 'sha512'))}/link`] },
  ],
  [
    'a sha512 of a blob that is missing',
    () => tree.link(layerFolder(app, digestOfBytes('other', 'sha512')), digestOfBytes('other')),
    { 'missing-blob': [`${layerFolder(app, digestOfBytes('other', 'sha512'))}/link`] },
  ],
  [
    'a manifest whose payload is missing, and its tag',
    async () => {
      await tree.link(revisionFolder(app, digestOfBytes('other')), digestOfBytes('other'));
      await tree.tag(app, 'gone', digestOfBytes('other'));
    },
    {
      'missing-manifest': [`${revisionFolder(app, digestOfBytes('other'))}/link`],
      'missing-revision': [`${tagFolder(app, 'gone')}/current/link`],
    },
  ],
  [
    'a manifest whose payload has another digest',
    async () => {
      await tree.link(revisionFolder(app, digestOfBytes('other')), digestOfBytes('other'));
      await putFile(fixture.context.storage, blobPath(digestOfBytes('other')), image.payload);
    },
    { 'wrong-bytes': [`${revisionFolder(app, digestOfBytes('other'))}/link`] },
  ],
  [
    'a manifest whose link names another one',
    () => tree.link(revisionFolder(app, digestOfBytes('other')), image.digest),
    { 'bad-link': [`${revisionFolder(app, digestOfBytes('other'))}/link`] },
  ],
  ...[
    ['an empty payload', '', 'bad-manifest'],
    ['a payload that is no JSON', '{', 'bad-manifest'],
    ['one that is no object', '[]', 'bad-manifest'],
    ['one that is nested too deeply', nested, 'bad-manifest'],
    ['one that is too long', ' '.repeat(4 * 1024 * 1024 + 1), 'bad-manifest'],
    ['one that is both image and index', '{"schemaVersion":2,"layers":[],"manifests":[]}', 'bad-manifest'],
    ['one of another type', '{"schemaVersion":2,"mediaType":"text/plain"}', 'bad-manifest'],
    ['one whose type is a number', '{"schemaVersion":2,"mediaType":5}', 'bad-manifest'],
    ['Docker schema 1', schema1, 'schema-1'],
    [
      'Docker schema 1 by its type',
      '{"mediaType":"application/vnd.docker.distribution.manifest.v1+prettyjws"}',
      'schema-1',
    ],
  ].map(([what = '', payload = '', reason = '']) => {
    const digest = digestOfBytes(payload);
    const write = () => tree.manifest(app, { digest, payload: Buffer.from(payload) });
    return [`a manifest: ${what}`, write, { [reason]: [`${revisionFolder(app, digest)}/link`] }] as const;
  }),
  [
    'a tag that names a manifest of another repository',
    async () => {
      const name = repositoryName('other');
      const other = imageOf(config, [], { annotations: { of: 'another' } });
      await tree.layer(name, '{}');
      await tree.manifest(name, other);
      await tree.tag(app, 'stolen', other.digest);
    },
    { 'missing-revision': [`${tagFolder(app, 'stolen')}/current/link`] },
  ],
  [
    'a tag whose link is empty',
    () => tree.link(`${tagFolder(app, 'empty')}/current`, ''),
    { 'bad-link': [`${tagFolder(app, 'empty')}/current/link`] },
  ],
  [
    'a tag that is none',
    () => tree.link(`${tagFolder(app, '-1')}/current`, image.digest),
    { 'tag-name': [tagFolder(app, '-1')] },
  ],
  [
    'a repository that is none',
    async () => {
      await tree.link(`${root}/Team/App/_layers/sha256/${'a'.repeat(64)}`, layer);
      await tree.link(`${root}/Team/App/_manifests/tags/1/current`, image.digest);
    },
    { 'repository-name': [`${root}/Team/App`] },
  ],
  [
    'files that do not belong there',
    async () => {
      await putFile(fixture.context.storage, `${root}/${app}/_layers/x`, '');
      await putFile(fixture.context.storage, `${root}/notes.txt`, '');
    },
    { 'unknown-file': [`${root}/notes.txt`, `${root}/${app}/_layers/x`] },
  ],
];

describe('what is broken is reported and left out', () => {
  test.each(broken)('%s', async (_, damage, expected) => {
    await writeImage();
    await damage();
    const { skipped } = await imported();
    const found = skipped.map(({ reason, first }) => [reason, first.map(({ path }) => path)]);
    expect(Object.fromEntries(found)).toEqual(expected);
    expect((await get('1')).digest).toBe(image.digest);
  });

  test('an empty blob is not broken', async () => {
    await writeImage();
    const empty = await tree.layer(app, '');
    expect(await imported()).toMatchObject({ blobs: 3, skipped: [] });
    expect(await read(empty)).toBe('');
  });

  test('a repository of which nothing can be imported does not exist', async () => {
    await writeImage();
    await tree.tag(repositoryName('empty'), '1', image.digest);
    expect(await imported()).toMatchObject({ repositories: 1, tags: 1 });
  });

  test('the first hundred are named, and all of them can be listed', async () => {
    await writeImage();
    for (let index = 0; index < 150; index += 1) await tree.tag(app, `gone-${index}`, layer);
    const { skipped } = await imported();
    expect(skipped).toMatchObject([{ reason: 'missing-revision', count: 150 }]);
    expect(skipped[0]!.first).toHaveLength(100);
    const all = new Set<string>();
    for await (const { path } of allSkips(fixture.context.database.reader)) all.add(path);
    expect(all.size).toBe(150);
  });
});

describe('blobs that no manifest names', () => {
  test('are looked at by collection, after its delay', async () => {
    await writeImage();
    const unused = await tree.layer(app, 'unused');
    await imported();
    expect((await reviews()).map(({ digest }) => digest)).toEqual([unused]);
    const collect = () => {
      const now = fixture.context.now();
      return new Collector(fixture.context).run({ due: { before: now, usedBefore: now } });
    };
    expect(await collect()).toMatchObject({ links: 0 });
    fixture.pass(reviewDelay + 1);
    expect(await collect()).toMatchObject({ links: 1, blobs: 1, files: 1, bytes: 6 });
    expect(await read(layer)).toBe('a layer');
  });

  test('stay where a manifest of Docker schema 1 may name them', async () => {
    await tree.layer(app, 'of schema 1');
    await tree.manifest(app, { digest: digestOfBytes(schema1), payload: Buffer.from(schema1) });
    await imported();
    fixture.pass(100 * reviewDelay);
    const due = { before: Number.MAX_SAFE_INTEGER, usedBefore: fixture.context.now() };
    expect(await new Collector(fixture.context).run({ due })).toMatchObject({ links: 0, blobs: 0 });
    expect(await read(digestOfBytes('of schema 1'))).toBe('of schema 1');
  });

  test.for(['team/aap', 'team/app-x', 'team/app/below', 'team/apq'])(
    'and go in %s, beside such a one',
    async (name) => {
      await tree.layer(repositoryName(name), 'unused');
      await tree.layer(app, 'of schema 1');
      await tree.manifest(app, { digest: digestOfBytes(schema1), payload: Buffer.from(schema1) });
      await imported();
      fixture.pass(100 * reviewDelay);
      const due = { before: Number.MAX_SAFE_INTEGER, usedBefore: fixture.context.now() };
      expect(await new Collector(fixture.context).run({ due })).toMatchObject({ links: 1, blobs: 1 });
      await expect(read(digestOfBytes('unused'), repositoryName(name))).rejects.toThrow();
    },
  );
});

describe('when it imports', () => {
  test('not without a tree', async () => {
    expect(await importRegistry(fixture.context)).toEqual({ kind: 'nothing' });
  });

  test('not the cache of a mirror', async () => {
    await writeImage();
    await putFile(fixture.context.storage, cacheState, '{}');
    expect(await importRegistry(fixture.context)).toEqual({ kind: 'cache' });
    expect(await importRegistry(fixture.context)).toEqual({ kind: 'cache' });
  });

  test('not where there is a repository', async () => {
    await pushBlob(new UploadStore(fixture.context), repositoryName('mine'), 'x');
    await writeImage();
    expect(await importRegistry(fixture.context)).toEqual({ kind: 'nothing' });
  });

  test('not again, also when all repositories are deleted', async () => {
    await writeImage();
    await imported();
    await fixture.context.database.transaction((trx) => trx.deleteFrom('repository').execute());
    expect(await importRegistry(fixture.context)).toEqual({ kind: 'nothing' });
  });

  test('once, of two processes at a time: the other one waits', async () => {
    await writeImage();
    const seen: ImportProgress[] = [];
    const options = { progress: (progress: ImportProgress) => void seen.push(progress) };
    const outcomes = await Promise.all([
      importRegistry(fixture.context, options),
      importRegistry(fixture.context, options),
    ]);
    expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['imported', 'nothing']);
    expect(seen).toContainEqual({ phase: 'waiting' });
  });

  test('after a process that died at it, when its lease has ended', async () => {
    await writeImage();
    const { database } = fixture.context;
    const stop = new AbortController();
    await database.transaction((trx) =>
      trx
        .insertInto('lease' as never)
        .values({ name: 'import', owner: 'dead', fence: 7, until: fixture.context.now() + 10_000 } as never)
        .execute(),
    );
    const waiting = { signal: stop.signal, progress: () => stop.abort() };
    await expect(importRegistry(fixture.context, waiting)).rejects.toThrow('abort');
    fixture.pass(10_001);
    expect((await importRegistry(fixture.context)).kind).toBe('imported');
  });

  test('once, where another process does it while this one sleeps, wherever that is', async () => {
    const lapse = 10_001;
    let slept = 0;
    for (let nth = 1; ; nth += 1) {
      await fixture.close();
      fixture = await openFixture();
      tree = treeIn(fixture.context.storage);
      await writeImage();
      const { context, interruptions } = fixture;
      let other: string | undefined;
      interruptions.beforeNth(nth, async () => {
        fixture.pass(lapse);
        other = (await importRegistry(context)).kind;
        await context.database.transaction((trx) => trx.deleteFrom('repository').execute());
      });
      const { kind } = await importRegistry(context);
      if (interruptions.pending > 0) break;
      slept += other === 'imported' ? 1 : 0;
      expect([kind, other].sort()).toEqual(['imported', 'nothing']);
      expect(await context.database.reader.selectFrom('repository').select('name').execute()).toEqual([]);
    }
    expect(slept).toBeGreaterThan(5);
  }, 60_000);

  test('and keeps others from it for as long as it takes', async () => {
    await writeImage();
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      const disk = Promise.withResolvers<void>();
      const { context } = fixture;
      const read: StorageDriver['read'] = async function* (...asked) {
        await disk.promise;
        yield* context.storage.read(...asked);
      };
      const slow = importRegistry({ ...context, storage: { ...context.storage, read } });
      for (let renewal = 0; renewal < 3; renewal += 1) {
        await expect.poll(() => vi.getTimerCount()).toBe(1);
        fixture.pass(9_000);
        await vi.advanceTimersByTimeAsync(3_000);
        const stop = new AbortController();
        const waiting = { signal: stop.signal, progress: () => stop.abort() };
        await expect(importRegistry(context, waiting)).rejects.toThrow('abort');
      }
      disk.resolve();
      expect((await slow).kind).toBe('imported');
    } finally {
      vi.useRealTimers();
    }
  });

  test('with a file that Berth was about to delete, which stays then', async () => {
    await writeImage();
    const row = { path: blobPath(layer), size: 1, due_at: 0, leased_until: 0, attempts: 0 };
    await fixture.context.database.transaction((trx) => trx.insertInto('deletion').values(row).execute());
    await imported();
    await new Collector(fixture.context).run({ due: { before: 0, usedBefore: 0 } });
    expect(await read(layer)).toBe('a layer');
  });
});

describe('interrupted anywhere, it goes on', () => {
  /** A bit of everything. */
  async function writeAll(): Promise<void> {
    await writeImage();
    const other = repositoryName('other');
    await writeImage(other);
    const index = indexOf([image.digest]);
    await tree.manifest(app, index);
    for (const tag of ['2', 'latest']) await tree.tag(app, tag, index.digest);
    await tree.layer(app, 'unused');
    await tree.link(layerFolder(app, digestOfBytes('a layer', 'sha512')), layer);
    await tree.tag(app, 'broken', layer);
    await putFile(fixture.context.storage, `${root}/${app}/x`, '');
    await putFile(fixture.context.storage, `${root}/${app}/_uploads/1/startedat`, '');
  }

  const reopen = async () => {
    await fixture.close();
    fixture = await openFixture();
    tree = treeIn(fixture.context.storage);
    await writeAll();
  };

  const outcomeOf = async () => ({
    rows: await rowsOf(fixture.context.database.reader),
    files: await fixture.files(),
  });

  test.each(['list', 'read', 'stat', 'append', 'write', 'close', 'move'] as const)(
    'at every %s',
    async (member) => {
      await reopen();
      await imported();
      const expected = await outcomeOf();
      let failures = 0;
      for (let nth = 1; ; nth += 1) {
        await reopen();
        fixture.faults.failNth(nth, member, 'IO_ERROR');
        const failed = await importRegistry(fixture.context).catch((error: unknown) => error);
        if (fixture.faults.pending > 0) break;
        expect(failed).toBeInstanceOf(Error);
        failures += 1;
        await imported();
        expect(await outcomeOf()).toEqual(expected);
      }
      expect(failures).toBeGreaterThan(0);
    },
    60_000,
  );

  test('at every transaction', async () => {
    await reopen();
    await imported();
    const expected = await outcomeOf();
    let failures = 0;
    for (let nth = 1; ; nth += 1) {
      await reopen();
      fixture.interruptions.failNth(nth);
      const outcome = await importRegistry(fixture.context).catch((error: unknown) => error);
      const { pending } = fixture.interruptions;
      fixture.interruptions.clear();
      if (pending > 0) break;
      // The release of the lease may fail and fails nothing: nobody is there to wait for it.
      if (outcome instanceof Error) {
        failures += 1;
        fixture.pass(10_001);
        await imported();
      }
      expect(await outcomeOf()).toEqual(expected);
    }
    expect(failures).toBeGreaterThan(10);
  }, 60_000);
});
