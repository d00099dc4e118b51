import { setTimeout as sleep } from 'node:timers/promises';
import { allowed, type Digest } from '@berth/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { blobPath } from '../layout.ts';
import { findStoredBlob } from '../metadata/blobs.ts';
import { quarantineFile } from '../metadata/integrity.ts';
import { countQueues } from '../metadata/reviews.ts';
import { BlobStore } from '../stores/blobs.ts';
import { ManifestStore } from '../stores/manifests.ts';
import { UploadStore } from '../stores/uploads.ts';
import {
  bodyOf,
  descriptorOf,
  digestOfBytes,
  everything,
  imageOf,
  indexOf,
  pushBlob,
  putOf,
  readBlob,
  repositoryName,
  rightsTo,
  slowBody,
} from '../testing/content.ts';
import { openFixture, reviewDelay, type Fixture } from '../testing/fixture.ts';
import { until } from '../testing/until.ts';
import { Collector, type Collected } from './collector.ts';

const repository = repositoryName('team/app');
const other = repositoryName('team/other');
const content = 'the content of a blob';
const digest = digestOfBytes(content);

let fixture: Fixture;
let uploads: UploadStore;
let blobs: BlobStore;
let manifests: ManifestStore;

beforeEach(async () => {
  fixture = await openFixture();
  uploads = new UploadStore(fixture.context);
  blobs = new BlobStore(fixture.context);
  manifests = new ManifestStore(fixture.context, { layers: 'all', children: 'all' });
});

afterEach(() => fixture.close());

const unknown = expect.objectContaining({ code: 'BLOB_UNKNOWN' });
const push = (to = repository) => pushBlob(uploads, to, content);
const read = (from = repository) => readBlob(blobs, from, digest);
const remove = (reference: Digest) =>
  manifests.remove(repository, { kind: 'digest', digest: reference }, { tag: rightsTo(), untagged: allowed });

/** As the server does it from time to time. */
function collect(): Promise<Collected> {
  const now = fixture.context.now();
  return new Collector(fixture.context).run({ due: { before: now, usedBefore: now } });
}

async function collectLater(): Promise<Collected> {
  fixture.pass(reviewDelay);
  return collect();
}

describe('what goes', () => {
  test('a blob that no manifest came for, after the delay', async () => {
    await push();
    fixture.pass(reviewDelay - 1_000);
    expect(await collect()).toMatchObject({ links: 0, blobs: 0 });
    fixture.pass(1_000);
    const bytes = content.length;
    expect(await collect()).toEqual({ manifests: 0, links: 1, blobs: 1, files: 1, bytes });
    await expect(blobs.get(repository, digest)).rejects.toThrow(unknown);
    expect(await fixture.files()).toEqual([]);
  });

  test('the blobs of a manifest that was deleted', async () => {
    const image = imageOf(await push(), [await pushBlob(uploads, repository, 'a layer')]);
    await manifests.put(putOf(repository, image, 'v1'));
    expect(await collectLater()).toMatchObject({ links: 0, blobs: 0 });
    await remove(image.digest);
    expect(await collect()).toMatchObject({ links: 0 });
    expect(await collectLater()).toMatchObject({ links: 2, blobs: 2, files: 2 });
    expect(await fixture.files()).toEqual([]);
  });

  test('such blobs no earlier than the delay after the deletion, also where they were pushed again', async () => {
    const image = imageOf(await push());
    await manifests.put(putOf(repository, image));
    fixture.pass(1);
    await push();
    fixture.pass(reviewDelay - 1);
    await remove(image.digest);
    fixture.pass(reviewDelay - 1);
    expect(await collect()).toMatchObject({ links: 0 });
    fixture.pass(1);
    expect(await collect()).toMatchObject({ links: 1, blobs: 1 });
  });

  test('a blob that was deleted by hand', async () => {
    await push();
    await blobs.remove(repository, digest);
    expect(await collect()).toMatchObject({ blobs: 0 });
    expect(await collectLater()).toMatchObject({ blobs: 1, files: 1 });
  });

  test('referrers with their subject, and what refers to these', async () => {
    const subject = imageOf(await push());
    const signature = imageOf(await pushBlob(uploads, repository, 'signature'), [], {
      subject: { mediaType: 'x/y', digest: subject.digest, size: 1 },
    });
    const countersignature = imageOf(await pushBlob(uploads, repository, 'countersignature'), [], {
      subject: { mediaType: 'x/y', digest: signature.digest, size: 1 },
    });
    for (const image of [subject, signature, countersignature]) await manifests.put(putOf(repository, image));
    await remove(subject.digest);
    expect(await collectLater()).toMatchObject({ manifests: 2, blobs: 3 });
    expect(await fixture.files()).toEqual([]);
  });
});

describe('what stays', () => {
  test('an untagged manifest, with its blobs', async () => {
    await manifests.put(putOf(repository, imageOf(await push())));
    expect(await collectLater()).toMatchObject({ links: 0, blobs: 0 });
    expect(await read()).toBe(content);
  });

  test('a blob that another manifest of the repository names', async () => {
    const [kept, gone] = [imageOf(await push()), imageOf(await push(), [], { annotations: { a: 'b' } })];
    for (const image of [kept, gone]) await manifests.put(putOf(repository, image));
    await remove(gone.digest);
    await collectLater();
    expect(await read()).toBe(content);
  });

  test('a foreign layer that was pushed all the same', async () => {
    const config = await pushBlob(uploads, repository, '{}');
    const foreign = { ...descriptorOf(await push()), urls: ['https://elsewhere.example/layer'] };
    await manifests.put(putOf(repository, imageOf(config, [], { layers: [foreign] }), 'v1'));
    expect(await collectLater()).toMatchObject({ links: 0, blobs: 0 });
    expect(await read()).toBe(content);
    await expect(blobs.remove(repository, digest)).rejects.toThrow(
      expect.objectContaining({ code: 'UNSUPPORTED' }),
    );
  });

  test('the bytes, while another repository holds the blob', async () => {
    await push();
    await push(other);
    await manifests.put(putOf(other, imageOf(digest)));
    expect(await collectLater()).toMatchObject({ links: 1, blobs: 0 });
    await expect(blobs.get(repository, digest)).rejects.toThrow(unknown);
    expect(await read(other)).toBe(content);
  });

  test.for(['a tag', 'an index', 'its subject, which came back'])(
    'a referrer that %s needs',
    async (holder) => {
      const subject = imageOf(await push());
      const referrer = imageOf(digest, [], {
        subject: { mediaType: 'x/y', digest: subject.digest, size: 1 },
      });
      await manifests.put(putOf(repository, subject));
      await manifests.put(putOf(repository, referrer, holder === 'a tag' ? 'signature' : undefined));
      if (holder === 'an index') await manifests.put(putOf(repository, indexOf([referrer.digest])));
      await remove(subject.digest);
      if (holder.startsWith('its subject')) await manifests.put(putOf(repository, subject));
      expect(await collectLater()).toMatchObject({ manifests: 0 });
      expect(await manifests.get(repository, { kind: 'digest', digest: referrer.digest })).toMatchObject({
        digest: referrer.digest,
      });
    },
  );

  test('a referrer that was there before its subject', async () => {
    const subject = imageOf(await push());
    const referrer = imageOf(digest, [], { subject: { mediaType: 'x/y', digest: subject.digest, size: 1 } });
    await manifests.put(putOf(repository, referrer));
    expect(await collectLater()).toMatchObject({ manifests: 0 });
  });

  test('a blob that somebody who pushes asks for, until the manifest comes', async () => {
    await push();
    fixture.pass(reviewDelay - 1_000);
    await blobs.use(await blobs.get(repository, digest));
    fixture.pass(reviewDelay - 1_000);
    await collect();
    await manifests.put(putOf(repository, imageOf(digest)));
    await collectLater();
    expect(await read()).toBe(content);
  });

  test('such a blob, also where the delay is shorter than a minute', async () => {
    const hasty = { ...fixture.context, reviewDelay: 30_000 };
    await pushBlob(new UploadStore(hasty), repository, content);
    fixture.pass(20_000);
    const impatient = new BlobStore(hasty);
    await impatient.use(await impatient.get(repository, digest));
    fixture.pass(20_000);
    expect(await collect()).toMatchObject({ links: 0 });
    expect(await read()).toBe(content);
  });

  test('a referrer that was put again since its subject was deleted', async () => {
    const subject = imageOf(await push());
    const referrer = imageOf(digest, [], { subject: { mediaType: 'x/y', digest: subject.digest, size: 1 } });
    for (const image of [subject, referrer]) await manifests.put(putOf(repository, image));
    await remove(subject.digest);
    fixture.pass(reviewDelay);
    await manifests.put(putOf(repository, referrer));
    expect(await collect()).toMatchObject({ manifests: 0 });
    expect(await read()).toBe(content);
  });

  test('a blob that was pushed again, until its manifest comes, though another one was deleted', async () => {
    const subject = imageOf(await push());
    const referrer = imageOf(await pushBlob(uploads, repository, 'signature'), [], {
      subject: { mediaType: 'x/y', digest: subject.digest, size: 1 },
    });
    for (const image of [subject, referrer]) await manifests.put(putOf(repository, image));
    await remove(subject.digest);
    fixture.pass(reviewDelay);
    await pushBlob(uploads, repository, 'signature');
    expect(await collect()).toMatchObject({ manifests: 1, links: 1 });
    expect(await readBlob(blobs, repository, digestOfBytes('signature'))).toBe('signature');
  });

  test('a blob that is mounted', async () => {
    await push();
    fixture.pass(reviewDelay - 1_000);
    await blobs.mount(digest, { readable: everything }, other);
    fixture.pass(1_000);
    expect(await collect()).toMatchObject({ links: 1, blobs: 0 });
    expect(await read(other)).toBe(content);
  });
});

/** The table of `collector.ts`: `during` happens between two transactions of the collection. */
describe('what a client does while its blob is collected', () => {
  const image = imageOf(digest);
  const name = () => manifests.put(putOf(repository, image));
  const actions = {
    'sends it again': async () => void (await push()),
    'sends it to another repository': async () => void (await push(other)),
    'names it in a manifest': async () => void (await name().catch(isBlobUnknown)),
    'mounts it': async () => void (await blobs.mount(digest, { readable: everything }, other)),
  };
  const moments = Array.from({ length: 9 }, (_, index) => index + 1);

  test.for(Object.entries(actions).flatMap(([what, act]) => moments.map((nth) => ({ what, act, nth }))))(
    'who $what before transaction $nth finds it or is told',
    async ({ act, nth }) => {
      await push();
      fixture.pass(reviewDelay);
      let acting = Promise.resolve();
      // He may have to wait for the collection, which waits for him here.
      fixture.interruptions.beforeNth(nth, () => Promise.race([(acting = act()), sleep(50)]));
      await collect();
      await acting;
      fixture.interruptions.clear();
      await isWholeOrGone();
    },
  );

  test.for(moments)('who is sending it, and moves it before transaction %d', async (nth) => {
    await push();
    fixture.pass(reviewDelay);
    const key = await uploads.start(other, null);
    const body = slowBody();
    const finishing = uploads.finish(key, digest, body);
    body.write(content);
    fixture.interruptions.beforeNth(nth, async () => void body.end());
    await collect();
    body.end();
    await finishing;
    await collect();
    expect(await read(other)).toBe(content);
  });

  test.for(moments)(
    'who is finishing it, where the collection comes before his transaction %d',
    async (nth) => {
      await push();
      fixture.pass(reviewDelay);
      const key = await uploads.start(other, null);
      fixture.interruptions.beforeNth(nth, () => collect());
      await uploads.finish(key, digest, bodyOf(content));
      fixture.interruptions.clear();
      await collect();
      expect(await read(other)).toBe(content);
      expect(await fixture.files()).toEqual([blobPath(digest)]);
    },
  );

  test('who sends again what was damaged, and has moved it before the damaged one is collected', async () => {
    await push();
    await blobs.remove(repository, digest);
    const { database } = fixture.context;
    await database.transaction((trx) => quarantineFile(trx, blobPath(digest), 0));
    fixture.pass(reviewDelay);
    // The session begins, is taken, notes its digest, and the fourth one commits.
    fixture.interruptions.beforeNth(4, collect);
    await push();
    expect(fixture.interruptions.pending).toBe(0);
    await collect();
    expect(await read()).toBe(content);
  });

  test('who sends it while its file is being deleted waits', async () => {
    await push();
    fixture.pass(reviewDelay);
    fixture.faults.delay('delete', 60, /^docker/);
    const collecting = collect();
    await until(async () => (await findStoredBlob(fixture.context.database.reader, digest)) === undefined);
    await push(other);
    await collecting;
    expect(await read(other)).toBe(content);
  });

  async function isWholeOrGone() {
    const { reader } = fixture.context.database;
    for (const name of [repository, other]) {
      const held = await blobs.get(name, digest).catch(isBlobUnknown);
      if (held) expect(await read(name)).toBe(content);
    }
    const named = await manifests
      .get(repository, { kind: 'digest', digest: image.digest })
      .catch(() => undefined);
    if (named) expect(await read()).toBe(content);
    await collect();
    const stored = await findStoredBlob(reader, digest);
    expect(await fixture.files()).toEqual(stored ? [blobPath(digest)] : []);
  }
});

describe('a crash of the collector', () => {
  const moments = Array.from({ length: 8 }, (_, index) => index + 1);

  test.for(moments)('before transaction %d: it goes on', async (nth) => {
    await push();
    fixture.pass(reviewDelay);
    fixture.interruptions.failNth(nth);
    await collect().catch(() => undefined);
    fixture.interruptions.clear();
    await collectLater();
    expect(await fixture.files()).toEqual([]);
    const queues = await countQueues(fixture.context.database.reader);
    expect(queues).toEqual({ manifests: 0, links: 0, blobs: 0, deletions: 0 });
  });

  test('a file that cannot be deleted is tried again later, and meanwhile may be pushed again', async () => {
    await push();
    fixture.pass(reviewDelay);
    fixture.faults.failNext('delete', 'IO_ERROR', /^docker/);
    expect(await collect()).toMatchObject({ blobs: 1, files: 0 });
    expect(await fixture.files()).toEqual([blobPath(digest)]);
    await push();
    fixture.pass(60_000);
    expect(await collect()).toMatchObject({ files: 0 });
    expect(await read()).toBe(content);
  });
});

function isBlobUnknown(error: unknown): undefined {
  expect((error as { code: string }).code).toMatch(/BLOB_UNKNOWN$/);
}
