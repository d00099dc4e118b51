import { allowed, OciError, type Digest, type RepositoryName } from '@berth/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { blobPath } from '../layout.ts';
import type { JobControl } from '../jobs/jobs.ts';
import { findRepository, hideRepository } from '../metadata/repositories.ts';
import { countQueues } from '../metadata/reviews.ts';
import { BlobStore } from '../stores/blobs.ts';
import { ManifestStore } from '../stores/manifests.ts';
import { UploadStore } from '../stores/uploads.ts';
import {
  digestOfBytes,
  everything,
  imageOf,
  indexOf,
  pushBlob,
  putOf,
  readBlob,
  repositoryName,
  rightsTo,
  type Image,
} from '../testing/content.ts';
import { openFixture, type Fixture } from '../testing/fixture.ts';
import { collectGarbage, recentTime, type GarbageOptions } from './garbage-collect.ts';

const control: JobControl = { signal: new AbortController().signal, report() {} };
const names = ['team/app', 'team/other'].map(repositoryName);
const contents = ['a', 'b', 'c', 'd', 'e'].map((letter) => `content ${letter}`);
const layers = contents.map((content) => digestOfBytes(content));

/** Some of each: images that share layers, indexes of them, referrers of both. */
const images: readonly Image[] = (() => {
  const plain = [imageOf(layers[0]!, [layers[1]!]), imageOf(layers[1]!, [layers[2]!]), imageOf(layers[3]!)];
  const index = indexOf([plain[0]!.digest, plain[1]!.digest]);
  const outer = indexOf([index.digest, plain[2]!.digest]);
  const of = (image: Image) => ({ subject: { mediaType: 'x/y', digest: image.digest, size: 1 } });
  const referrer = imageOf(layers[4]!, [], of(plain[0]!));
  return [
    ...plain,
    index,
    outer,
    referrer,
    imageOf(layers[4]!, [], of(referrer)),
    imageOf(layers[3]!, [], of(index)),
  ];
})();

type Step =
  | { readonly do: 'push' | 'mount' | 'unlink'; readonly blob: number; readonly where: number }
  | { readonly do: 'put' | 'delete'; readonly image: number; readonly where: number; readonly tag?: string }
  | { readonly do: 'untag'; readonly where: number; readonly tag: string }
  | { readonly do: 'drop'; readonly where: number };

const where = fc.nat(1);
const tag = fc.constantFrom('v1', 'v2');
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('push' as const), blob: fc.nat(4), where }),
  fc.record({ do: fc.constantFrom('mount' as const, 'unlink' as const), blob: fc.nat(4), where }),
  fc.record(
    { do: fc.constant('put' as const), image: fc.nat(images.length - 1), where, tag },
    { requiredKeys: ['do', 'image', 'where'] },
  ),
  fc.record({ do: fc.constant('delete' as const), image: fc.nat(images.length - 1), where }),
  fc.record({ do: fc.constant('untag' as const), where, tag }),
  fc.record({ do: fc.constant('drop' as const), where }),
);

/** What a client sees of a repository: written down from the requests alone. */
interface Seen {
  readonly manifests: Map<Digest, Image>;
  readonly tags: Map<string, Digest>;
  readonly blobs: Set<Digest>;
}

class World {
  readonly fixture: Fixture;
  readonly uploads: UploadStore;
  readonly blobs: BlobStore;
  readonly manifests: ManifestStore;
  readonly seen = names.map((): Seen => ({ manifests: new Map(), tags: new Map(), blobs: new Set() }));

  constructor(fixture: Fixture) {
    this.fixture = fixture;
    this.uploads = new UploadStore(fixture.context);
    this.blobs = new BlobStore(fixture.context);
    this.manifests = new ManifestStore(fixture.context, { layers: 'all', children: 'none' });
  }

  async act(step: Step): Promise<void> {
    const [name, seen] = [names[step.where]!, this.seen[step.where]!];
    await this.#try(step, name, seen).catch((error: unknown) => {
      if (!(error instanceof OciError)) throw error;
    });
  }

  async #try(step: Step, name: RepositoryName, seen: Seen): Promise<void> {
    if (step.do === 'push') seen.blobs.add(await pushBlob(this.uploads, name, contents[step.blob]!));
    if (step.do === 'mount' && (await this.blobs.mount(layers[step.blob]!, { readable: everything }, name)))
      seen.blobs.add(layers[step.blob]!);
    if (step.do === 'unlink') {
      await this.blobs.remove(name, layers[step.blob]!);
      seen.blobs.delete(layers[step.blob]!);
    }
    if (step.do === 'put') {
      const image = images[step.image]!;
      await this.manifests.put(putOf(name, image, step.tag));
      seen.manifests.set(image.digest, image);
      if (step.tag !== undefined) seen.tags.set(step.tag, image.digest);
    }
    if (step.do === 'drop') await this.#drop(name, seen);
    if (step.do === 'delete') await this.#delete(images[step.image]!.digest, name, seen);
    if (step.do === 'untag') {
      const reference = { kind: 'tag', tag: step.tag as never } as const;
      await this.manifests.remove(name, reference, { tag: rightsTo(), untagged: allowed });
      seen.tags.delete(step.tag);
    }
  }

  async #drop(name: RepositoryName, seen: Seen): Promise<void> {
    await this.fixture.context.database.transaction(async (trx) => {
      const repository = await findRepository(trx, name);
      if (repository !== undefined) await hideRepository(trx, repository.id);
    });
    for (const known of [seen.manifests, seen.tags, seen.blobs]) known.clear();
  }

  async #delete(digest: Digest, name: RepositoryName, seen: Seen): Promise<void> {
    await this.manifests.remove(name, { kind: 'digest', digest }, { tag: rightsTo(), untagged: allowed });
    seen.manifests.delete(digest);
    for (const [tag, named] of seen.tags) if (named === digest) seen.tags.delete(tag);
  }

  /** What must be served after a collection: by the words of the documentation, not by the code of the collector. */
  expected(
    where: number,
    { deleteUntagged }: GarbageOptions,
  ): { manifests: Set<Digest>; blobs: Set<Digest> } {
    const { manifests, tags } = this.seen[where]!;
    const kept = new Set<Digest>();
    const keep = (digest: Digest) => {
      const image = manifests.get(digest);
      if (image === undefined || kept.has(digest)) return;
      kept.add(digest);
      for (const child of image.manifest.manifests) keep(child.digest);
      for (const other of manifests.values()) if (other.manifest.subject === digest) keep(other.digest);
    };
    if (deleteUntagged) for (const digest of tags.values()) keep(digest);
    const needed = [...kept].flatMap((digest) => manifests.get(digest)!.manifest.blobs);
    return { manifests: kept, blobs: new Set(needed) };
  }
}

async function inWorld(steps: readonly Step[], work: (world: World) => Promise<void>): Promise<void> {
  const fixture = await openFixture();
  try {
    const world = new World(fixture);
    for (const step of steps) await world.act(step);
    fixture.pass(recentTime + 1);
    await work(world);
  } finally {
    await fixture.close();
  }
}

const real = { dryRun: false, deleteUntagged: false, includeRecent: false };
const runs = { numRuns: 60 };

describe('a collection', () => {
  test('does what its dry run said', async () => {
    const options = fc.record({ deleteUntagged: fc.boolean(), includeRecent: fc.boolean() });
    const property = fc.asyncProperty(fc.array(step, { maxLength: 30 }), options, (steps, options) =>
      inWorld(steps, async ({ fixture }) => {
        const said = await collectGarbage(fixture.context, { ...options, dryRun: true }, control);
        expect(await collectGarbage(fixture.context, { ...options, dryRun: false }, control)).toEqual(said);
        const again = await collectGarbage(fixture.context, { ...options, dryRun: true }, control);
        expect(again).toMatchObject({ untagged: 0, manifests: 0, links: 0, blobs: 0, files: 0, bytes: 0 });
      }),
    );
    await fc.assert(property, runs);
  }, 60_000);

  test('counts in its dry run the files that wait already', async () => {
    const fixture = await openFixture();
    try {
      const { context, faults } = fixture;
      const uploads = new UploadStore(context);
      const digest = await pushBlob(uploads, names[0]!, contents[0]!);
      await new BlobStore(context).remove(names[0]!, digest);
      faults.failNext('delete', 'IO_ERROR');
      const options = { deleteUntagged: false, includeRecent: true };
      expect(await collectGarbage(context, { ...options, dryRun: false }, control)).toMatchObject({
        files: 0,
      });
      const said = await collectGarbage(context, { ...options, dryRun: true }, control);
      expect(said).toMatchObject({ blobs: 0, files: 1, bytes: contents[0]!.length });
      fixture.pass(60_000);
      expect(await collectGarbage(context, { ...options, dryRun: false }, control)).toEqual(said);
    } finally {
      await fixture.close();
    }
  });

  test('with --delete-untagged leaves what tags need and nothing else', async () => {
    const options = { ...real, deleteUntagged: true };
    const property = fc.asyncProperty(fc.array(step, { maxLength: 40 }), (steps) =>
      inWorld(steps, async (world) => {
        const { fixture, manifests, blobs } = world;
        await collectGarbage(fixture.context, options, control);
        const stored = new Set<string>();
        for (const [where, name] of names.entries()) {
          const expected = world.expected(where, options);
          for (const { digest } of images) {
            const found = await manifests.get(name, { kind: 'digest', digest }).catch(() => undefined);
            expect(found !== undefined).toBe(expected.manifests.has(digest));
          }
          for (const digest of layers) {
            const found = await readBlob(blobs, name, digest).catch(() => undefined);
            expect(found !== undefined).toBe(expected.blobs.has(digest));
          }
          for (const digest of expected.blobs) stored.add(blobPath(digest));
        }
        expect(await fixture.files()).toEqual([...stored].sort());
      }),
    );
    await fc.assert(property, runs);
  }, 60_000);

  test('takes no blob that a manifest names, and leaves nothing that nobody holds', async () => {
    const property = fc.asyncProperty(fc.array(step, { maxLength: 40 }), (steps) =>
      inWorld(steps, async ({ fixture, manifests, blobs }) => {
        await collectGarbage(fixture.context, real, control);
        const stored = new Set<string>();
        for (const name of names) {
          for (const { digest, manifest } of images) {
            const found = await manifests.get(name, { kind: 'digest', digest }).catch(() => undefined);
            if (found === undefined) continue;
            for (const blob of manifest.blobs) {
              expect(digestOfBytes(await readBlob(blobs, name, blob))).toBe(blob);
              stored.add(blobPath(blob));
            }
          }
        }
        expect(await fixture.files()).toEqual([...stored].sort());
        expect(await countQueues(fixture.context.database.reader)).toEqual({
          manifests: 0,
          links: 0,
          blobs: 0,
          deletions: 0,
        });
      }),
    );
    await fc.assert(property, runs);
  }, 60_000);
});

test('a collection that is stopped in a large repository says how far it came', async () => {
  const fixture = await openFixture();
  try {
    const [uploads, manifests] = [
      new UploadStore(fixture.context),
      new ManifestStore(fixture.context, { layers: 'all', children: 'all' }),
    ];
    const config = await pushBlob(uploads, names[0]!, contents[0]!);
    for (let note = 0; note < 50; note += 1)
      await manifests.put(putOf(names[0]!, imageOf(config, [], { annotations: { note: `${note}` } })));
    fixture.pass(recentTime + 1);
    const stop = new AbortController();
    fixture.interruptions.beforeNth(2, async () => stop.abort());
    const stopped = { ...control, signal: stop.signal };
    const report = await collectGarbage(fixture.context, { ...real, deleteUntagged: true }, stopped);
    expect(report).toMatchObject({ untagged: 40 });
    const left = await fixture.context.database.reader.selectFrom('manifest').select('digest').execute();
    expect(left).toHaveLength(10);
  } finally {
    await fixture.close();
  }
});

describe('what a push may need', () => {
  const push = async (fixture: Fixture) =>
    pushBlob(new UploadStore(fixture.context), names[0]!, contents[0]!);

  test.for([
    { includeRecent: false, links: 0, recent: 1 },
    { includeRecent: true, links: 1, recent: 0 },
  ])(
    'a blob of a moment ago, with includeRecent $includeRecent',
    async ({ includeRecent, links, recent }) => {
      const fixture = await openFixture();
      try {
        await push(fixture);
        fixture.pass(1);
        for (const dryRun of [true, false]) {
          const report = await collectGarbage(fixture.context, { ...real, includeRecent, dryRun }, control);
          expect(report).toMatchObject({ links, recent });
        }
      } finally {
        await fixture.close();
      }
    },
  );

  test.for([
    { what: 'pushed', links: 1, recent: 0 },
    { what: 'pushed again', links: 0, recent: 1 },
  ])('a blob that was $what, where the manifest is deleted', async ({ what, links, recent }) => {
    const fixture = await openFixture();
    try {
      const manifests = new ManifestStore(fixture.context, { layers: 'all', children: 'all' });
      const image = imageOf(await push(fixture));
      await manifests.put(putOf(names[0]!, image));
      fixture.pass(1);
      if (what === 'pushed again') await push(fixture);
      const reference = { kind: 'digest', digest: image.digest } as const;
      await manifests.remove(names[0]!, reference, { tag: rightsTo(), untagged: allowed });
      for (const dryRun of [true, false]) {
        const report = await collectGarbage(fixture.context, { ...real, dryRun }, control);
        expect(report).toMatchObject({ links, recent });
      }
    } finally {
      await fixture.close();
    }
  });

  test('nothing of an image that came and went within a millisecond', async () => {
    const fixture = await openFixture();
    try {
      const manifests = new ManifestStore(fixture.context, { layers: 'all', children: 'all' });
      const image = imageOf(await push(fixture));
      await manifests.put(putOf(names[0]!, image));
      const reference = { kind: 'digest', digest: image.digest } as const;
      await manifests.remove(names[0]!, reference, { tag: rightsTo(), untagged: allowed });
      for (const dryRun of [true, false]) {
        const report = await collectGarbage(fixture.context, { ...real, dryRun }, control);
        expect(report).toMatchObject({ links: 1, recent: 0 });
      }
    } finally {
      await fixture.close();
    }
  });

  test('a blob that was pushed again, where its only manifest goes since no tag needs it', async () => {
    const fixture = await openFixture();
    try {
      const manifests = new ManifestStore(fixture.context, { layers: 'all', children: 'all' });
      await manifests.put(putOf(names[0]!, imageOf(await push(fixture))));
      fixture.pass(recentTime + 1);
      await push(fixture);
      for (const dryRun of [true, false]) {
        const options = { ...real, deleteUntagged: true, dryRun };
        const report = await collectGarbage(fixture.context, options, control);
        expect(report).toMatchObject({ untagged: 1, links: 0, recent: 1 });
      }
      expect(await readBlob(new BlobStore(fixture.context), names[0]!, layers[0]!)).toBe(contents[0]);
    } finally {
      await fixture.close();
    }
  });

  test('a manifest that is put again when it was already found to be untagged', async () => {
    const fixture = await openFixture();
    try {
      const manifests = new ManifestStore(fixture.context, { layers: 'all', children: 'all' });
      const put = putOf(names[0]!, imageOf(await push(fixture)));
      await manifests.put(put);
      fixture.pass(recentTime + 1);
      fixture.interruptions.beforeNth(1, () => manifests.put(put));
      const options = { ...real, deleteUntagged: true };
      expect(await collectGarbage(fixture.context, options, control)).toMatchObject({ untagged: 0 });
      expect(fixture.interruptions.pending).toBe(0);
      await expect(manifests.get(names[0]!, put.reference)).resolves.toBeDefined();
    } finally {
      await fixture.close();
    }
  });

  test('the child of an index that is on its way', async () => {
    const fixture = await openFixture();
    try {
      const manifests = new ManifestStore(fixture.context, { layers: 'all', children: 'all' });
      const child = imageOf(await push(fixture));
      await manifests.put(putOf(names[0]!, child));
      fixture.pass(recentTime + 1);
      await manifests.put(putOf(names[0]!, child));
      const options = { ...real, deleteUntagged: true };
      expect(await collectGarbage(fixture.context, options, control)).toMatchObject({ untagged: 0 });
      await manifests.put(putOf(names[0]!, indexOf([child.digest]), 'v1'));
      fixture.pass(recentTime + 1);
      expect(await collectGarbage(fixture.context, options, control)).toMatchObject({
        untagged: 0,
        blobs: 0,
      });
      expect(await readBlob(new BlobStore(fixture.context), names[0]!, layers[0]!)).toBe(contents[0]);
    } finally {
      await fixture.close();
    }
  });
});
