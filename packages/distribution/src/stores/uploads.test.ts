import { digestParts, type Digest } from '@berth/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { writeFile } from '@berth/storage/testing';
import { Collector } from '../collector/collector.ts';
import { blobPath, uploadPath } from '../layout.ts';
import { findStoredBlob } from '../metadata/blobs.ts';
import { bodyOf, digestOfBytes, pushBlob, readBlob, repositoryName, slowBody } from '../testing/content.ts';
import { Deletions } from './deletions.ts';
import { openFixture, type Fixture } from '../testing/fixture.ts';
import { until } from '../testing/until.ts';
import { BlobStore } from './blobs.ts';
import { UploadStore } from './uploads.ts';

const repository = repositoryName('team/app');
const other = repositoryName('team/other');
const content = 'the content of a blob';
const digest = digestOfBytes(content);
const [head, tail] = [content.slice(0, 7), content.slice(7)];

let fixture: Fixture;
let uploads: UploadStore;
/** What another process would have: the same database and storage, and nothing remembered. */
let elsewhere: UploadStore;
let blobs: BlobStore;

beforeEach(async () => {
  fixture = await openFixture();
  uploads = new UploadStore(fixture.context);
  elsewhere = new UploadStore(fixture.context);
  blobs = new BlobStore(fixture.context);
});

afterEach(() => fixture.close());

const start = () => uploads.start(repository, null);
const code = (code: string) => expect.objectContaining({ code });
const read = (digest: Digest, of = repository) => readBlob(blobs, of, digest);
const isUnknown = (digest: Digest, of = repository) =>
  expect(blobs.get(of, digest)).rejects.toThrow(code('BLOB_UNKNOWN'));

describe('appending', () => {
  test('in pieces, and finishing with the last of them', async () => {
    const key = await start();
    expect(await uploads.offset(key)).toBe(0);
    expect(await uploads.append(key, bodyOf(head))).toBe(7);
    expect(await uploads.offset(key)).toBe(7);
    await uploads.finish(key, digest, bodyOf(tail), { start: 7 });
    expect(await read(digest)).toBe(content);
    expect(await fixture.files()).toEqual([blobPath(digest)]);
  });

  test('many chunks, none of which is held', async () => {
    const chunk = Buffer.alloc(64 * 1024, 'x');
    const whole = digestOfBytes(Buffer.alloc(100 * chunk.length, 'x'));
    const key = await start();
    await uploads.append(key, bodyOf(...Array.from({ length: 100 }, () => chunk)));
    await uploads.finish(key, whole, bodyOf());
    expect(await blobs.get(repository, whole)).toMatchObject({ size: 100 * chunk.length });
  });

  test('nothing at all is a blob too', async () => {
    const empty = digestOfBytes('');
    await uploads.finish(await start(), empty, bodyOf());
    expect(await read(empty)).toBe('');
  });

  test('elsewhere, where the hash is not known', async () => {
    const key = await start();
    await uploads.append(key, bodyOf(head));
    expect(await elsewhere.append(key, bodyOf(tail))).toBe(content.length);
    await uploads.finish(key, digest, bodyOf());
    expect(await read(digest)).toBe(content);
  });

  test.for([
    ['before the end', 3],
    ['behind the end', 8],
  ] as const)('%s is refused, and the session goes on', async ([, where]) => {
    const key = await start();
    await uploads.append(key, bodyOf(head));
    const wrong = uploads.append(key, bodyOf('wrong'), { start: where });
    await expect(wrong).rejects.toMatchObject({ name: 'OutOfOrder', offset: 7 });
    const early = uploads.finish(key, digest, bodyOf('wrong'), { start: where });
    await expect(early).rejects.toMatchObject({ name: 'OutOfOrder', offset: 7 });
    await uploads.finish(key, digest, bodyOf(tail), { start: 7 });
    expect(await read(digest)).toBe(content);
  });

  test('what came before the client hung up stays', async () => {
    const key = await start();
    const body = slowBody();
    const appending = uploads.append(key, body);
    body.write(head);
    await until(async () => (await uploads.offset(key)) === 7);
    body.destroy();
    await expect(appending).rejects.toMatchObject({ name: 'ClientGone' });
    expect(await uploads.offset(key)).toBe(7);
    await uploads.finish(key, digest, bodyOf(tail));
    expect(await read(digest)).toBe(content);
  });
});

describe('a session is known only', () => {
  test.for([
    ['by its id', { id: crypto.randomUUID() }],
    ['in its repository', { repository: other }],
    ['to its account', { accountId: 'somebody else' }],
    ['to nobody, where it has an account', { accountId: null }],
  ] as const)('%s', async ([, wrong]) => {
    const key = { ...(await uploads.start(repository, 'an account')), ...wrong };
    const unknown = code('BLOB_UPLOAD_UNKNOWN');
    await expect(uploads.offset(key)).rejects.toThrow(unknown);
    await expect(uploads.append(key, bodyOf('x'))).rejects.toThrow(unknown);
    await expect(uploads.finish(key, digest, bodyOf(content))).rejects.toThrow(unknown);
    await expect(uploads.cancel(key)).rejects.toThrow(unknown);
    expect(await fixture.files()).toEqual([]);
  });

  test('to its account, also while bytes come: nobody else ends the request', async () => {
    const key = await uploads.start(repository, 'an account');
    const slow = slowBody();
    const appending = uploads.append(key, slow);
    slow.write(head);
    await until(async () => (await uploads.offset(key)) === 7);
    for (const wrong of [{ accountId: 'somebody else' }, { repository: other }]) {
      const stranger = uploads.append({ ...key, ...wrong }, bodyOf('x'));
      await expect(stranger).rejects.toThrow(code('BLOB_UPLOAD_UNKNOWN'));
    }
    slow.end(tail);
    expect(await appending).toBe(content.length);
  });

  test('until it is cancelled', async () => {
    const key = await start();
    await uploads.append(key, bodyOf(head));
    await uploads.cancel(key);
    await expect(uploads.offset(key)).rejects.toThrow(code('BLOB_UPLOAD_UNKNOWN'));
    await expect(uploads.cancel(key)).rejects.toThrow(code('BLOB_UPLOAD_UNKNOWN'));
    expect(await fixture.files()).toEqual([]);
  });

  test('until it is finished', async () => {
    const key = await start();
    await uploads.finish(key, digest, bodyOf(content));
    await expect(uploads.finish(key, digest, bodyOf(content))).rejects.toThrow(code('BLOB_UPLOAD_UNKNOWN'));
    await expect(uploads.offset(key)).rejects.toThrow(code('BLOB_UPLOAD_UNKNOWN'));
  });
});

describe('finishing', () => {
  test.for(['sha256', 'sha512'] as const)(
    'with a wrong %s ends the session and keeps nothing',
    async (algorithm) => {
      const key = await start();
      const wrong = digestOfBytes('something else', algorithm);
      await expect(uploads.finish(key, wrong, bodyOf(content))).rejects.toThrow(code('DIGEST_INVALID'));
      await isUnknown(wrong);
      await isUnknown(digest);
      await expect(uploads.offset(key)).rejects.toThrow(code('BLOB_UPLOAD_UNKNOWN'));
      expect(await fixture.files()).toEqual([]);
    },
  );

  test.for([
    ['sha512', undefined],
    ['sha512', 'sha512'],
    ['sha256', 'sha512'],
  ] as const)('with a %s in a session of %s', async ([algorithm, announced]) => {
    const key = await uploads.start(repository, null, announced);
    const digest = digestOfBytes(content, algorithm);
    expect(digestParts(digest).algorithm).toBe(algorithm);
    await uploads.append(key, bodyOf(head));
    await uploads.finish(key, digest, bodyOf(tail));
    expect(await read(digest)).toBe(content);
    expect(await fixture.files()).toEqual([blobPath(digest)]);
  });

  test('a blob that is stored already keeps one copy, and both repositories hold it', async () => {
    await pushBlob(uploads, repository, content);
    await isUnknown(digest, other);
    await pushBlob(uploads, other, content);
    expect(await read(digest)).toBe(content);
    expect(await read(digest, other)).toBe(content);
    expect(await fixture.files()).toEqual([blobPath(digest)]);
  });

  test('a blob that is stored already still needs the bytes', async () => {
    await pushBlob(uploads, repository, content);
    const key = await uploads.start(other, null);
    await expect(uploads.finish(key, digest, bodyOf('a guess'))).rejects.toThrow(code('DIGEST_INVALID'));
    await isUnknown(digest, other);
    expect(await read(digest)).toBe(content);
  });

  test('the same blob many times at once', async () => {
    fixture.faults.delay('move', 5);
    const stores = [uploads, elsewhere];
    await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        pushBlob(stores[index % 2]!, index < 5 ? repository : other, content),
      ),
    );
    expect(await read(digest)).toBe(content);
    expect(await read(digest, other)).toBe(content);
    expect(await fixture.files()).toEqual([blobPath(digest)]);
  });
});

test('where bytes stay where they came, the second copy of a blob goes', async () => {
  const storage = { ...fixture.context.storage, adoptInPlace: true as const };
  const inPlace = new UploadStore({ ...fixture.context, storage });
  const key = await inPlace.start(repository, null);
  // The session is taken, and the second one commits.
  fixture.interruptions.beforeNth(2, () => pushBlob(inPlace, other, content));
  await inPlace.finish(key, digest, bodyOf(content));
  expect(await fixture.files()).toHaveLength(2);
  await new Deletions(fixture.context).run(10);
  expect(await fixture.files()).toHaveLength(1);
  expect([await read(digest), await read(digest, other)]).toEqual([content, content]);
});

describe('two writers of one session', () => {
  test('in one process: the second ends the first and goes on where it was', async () => {
    const key = await start();
    const stuck = slowBody();
    const first = uploads.append(key, stuck);
    stuck.write(head);
    await until(async () => (await uploads.offset(key)) === 7);
    const second = uploads.finish(key, digest, bodyOf(tail));
    await expect(first).rejects.toMatchObject({ name: 'ClientGone' });
    await second;
    expect(stuck.destroyed).toBe(true);
    expect(await read(digest)).toBe(content);
  });

  test('in one process: to cancel ends the first', async () => {
    const key = await start();
    const stuck = slowBody();
    const first = uploads.append(key, stuck);
    stuck.write(head);
    await until(async () => (await uploads.offset(key)) === 7);
    await Promise.all([uploads.cancel(key), expect(first).rejects.toMatchObject({ name: 'ClientGone' })]);
    expect(await fixture.files()).toEqual([]);
  });

  test('in two processes: who was overtaken while his bytes came cannot finish', async () => {
    const key = await start();
    const slow = slowBody();
    const overtaken = uploads.finish(key, digest, slow);
    slow.write(content);
    await until(async () => (await uploads.offset(key)) === content.length);
    await elsewhere.append(key, bodyOf());
    slow.end();
    await expect(overtaken).rejects.toThrow(code('BLOB_UPLOAD_INVALID'));
    await isUnknown(digest);
    await elsewhere.finish(key, digest, bodyOf());
    expect(await read(digest)).toBe(content);
  });

  test('in two processes: what another one appends after the bytes were verified is found', async () => {
    await pushBlob(uploads, other, content);
    const key = await start();
    const slow = slowBody();
    const finishing = uploads.finish(key, digest, slow);
    slow.write(content);
    await until(async () => (await uploads.offset(key)) === content.length);
    // The blob that was there when the request came goes, so these bytes are needed after all.
    await blobs.remove(other, digest);
    const due = { before: Number.MAX_SAFE_INTEGER, usedBefore: 0 };
    await new Collector(fixture.context).run({ due });
    await writeFile(fixture.context.storage, uploadPath(key.id), Buffer.from('more'));
    slow.end();
    await expect(finishing).rejects.toThrow(code('BLOB_UPLOAD_INVALID'));
    await isUnknown(digest);
  });

  test('in two processes: who was overtaken between his move and his commit has nothing', async () => {
    const key = await start();
    fixture.interruptions.beforeNth(3, () => elsewhere.append(key, bodyOf()));
    await expect(uploads.finish(key, digest, bodyOf(content))).rejects.toThrow(code('BLOB_UPLOAD_INVALID'));
    expect(fixture.interruptions.pending).toBe(0);
    await isUnknown(digest);
    await pushBlob(elsewhere, repository, content);
    expect(await read(digest)).toBe(content);
  });
});

describe('a crash', () => {
  /** Whether the bytes that came are still there to go on with. */
  const crashes = {
    'before the session is taken': { at: 'transaction 1', left: [] },
    'before the digest is noted': { at: 'transaction 2', left: ['session'] },
    'before the move': { at: 'move', left: [] },
    'between the move and the commit': { at: 'transaction 3', left: [] },
  } as const;

  test.for(Object.entries(crashes))('%s leaves nothing that counts', async ([, { at, left }]) => {
    const key = await start();
    if (at === 'move') fixture.faults.failNext('move', 'IO_ERROR');
    else fixture.interruptions.failNth(Number(at.slice(-1)));
    await expect(uploads.finish(key, digest, bodyOf(content))).rejects.toThrow(code('IO_ERROR'));
    expect(fixture.faults.pending + fixture.interruptions.pending).toBe(0);

    const restarted = new UploadStore(fixture.context);
    await restarted.recover();
    await new Deletions(fixture.context).run(10);
    await isUnknown(digest);
    expect(await findStoredBlob(fixture.context.database.reader, digest)).toBeUndefined();
    expect(await fixture.files()).toEqual(left.map(() => uploadPath(key.id)));
    await pushBlob(restarted, repository, content);
    expect(await read(digest)).toBe(content);
  });

  test('whose session goes on leaves nothing of the bytes that it had moved', async () => {
    const key = await start();
    fixture.interruptions.failNth(3);
    await expect(uploads.finish(key, digest, bodyOf(content))).rejects.toThrow(code('IO_ERROR'));
    expect(await fixture.files()).toEqual([blobPath(digest)]);
    await uploads.append(key, bodyOf('other bytes'));
    await new Deletions(fixture.context).run(10);
    expect(await fixture.files()).toEqual([uploadPath(key.id)]);
  });

  test('does not take away a blob that another session finished', async () => {
    const key = await start();
    fixture.faults.failNext('move', 'IO_ERROR');
    await expect(uploads.finish(key, digest, bodyOf(content))).rejects.toThrow();
    await pushBlob(uploads, other, content);
    await elsewhere.recover();
    await new Deletions(fixture.context).run(10);
    expect(await read(digest, other)).toBe(content);
    expect(await fixture.files()).toEqual([blobPath(digest)]);
  });

  test('and is cancelled does not take away what another session is about to commit', async () => {
    const cancelled = await start();
    fixture.faults.failNext('move', 'IO_ERROR');
    await expect(uploads.finish(cancelled, digest, bodyOf(content))).rejects.toThrow();
    const key = await start();
    fixture.interruptions.beforeNth(3, async () => {
      expect(await fixture.files()).toContain(blobPath(digest));
      await elsewhere.cancel(cancelled);
      await new Deletions(fixture.context).run(10);
    });
    await uploads.finish(key, digest, bodyOf(content));
    expect(fixture.interruptions.pending).toBe(0);
    expect(await read(digest)).toBe(content);
  });

  test('leaves sessions that were not finishing as they are', async () => {
    const key = await start();
    await uploads.append(key, bodyOf(head));
    await elsewhere.recover();
    await elsewhere.finish(key, digest, bodyOf(tail));
    expect(await read(digest)).toBe(content);
  });
});

describe('a store that fails', () => {
  const members = ['append', 'write', 'close', 'move', 'delete', 'stat', 'read'] as const;

  test.for(members)(
    'in %s, once: nothing counts that was not acknowledged, and a retry works',
    async (member) => {
      const key = await start();
      await uploads.append(key, bodyOf(head));
      fixture.faults.failNext(member, 'NO_SPACE');
      const finished = await uploads.finish(key, digest, bodyOf(tail)).then(
        () => true,
        () => false,
      );
      fixture.faults.clear();
      if (finished) expect(await read(digest)).toBe(content);
      else await isUnknown(digest);
      await pushBlob(uploads, repository, content);
      expect(await read(digest)).toBe(content);
      expect(await findStoredBlob(fixture.context.database.reader, digest)).toMatchObject({
        size: content.length,
      });
    },
  );

  test.for([
    ['append', 7],
    ['write', 7],
    ['close', 0],
    ['move', content.length],
  ] as const)('in %s: the session goes on at %d', async ([member, offset]) => {
    const key = await start();
    await uploads.append(key, bodyOf(head));
    fixture.faults.failNext(member, 'NO_SPACE');
    await expect(uploads.finish(key, digest, bodyOf(tail))).rejects.toThrow(code('NO_SPACE'));
    expect(fixture.faults.pending).toBe(0);
    expect(await uploads.offset(key)).toBe(offset);
    await uploads.finish(key, digest, bodyOf(content.slice(offset)), { start: offset });
    expect(await read(digest)).toBe(content);
    expect(await fixture.files()).toEqual([blobPath(digest)]);
  });

  test('in the removal of bytes that are stored already: the push has succeeded', async () => {
    await pushBlob(uploads, repository, content);
    const key = await start();
    fixture.faults.failNext('delete', 'IO_ERROR');
    await uploads.finish(key, digest, bodyOf(content));
    expect(fixture.faults.pending).toBe(0);
    expect(await read(digest)).toBe(content);
  });

  test('in the middle of a chunk: the session goes on there', async () => {
    const key = await start();
    fixture.faults.cutNext('write', 3, 'NO_SPACE');
    await expect(uploads.append(key, bodyOf(content))).rejects.toThrow(code('NO_SPACE'));
    expect(await uploads.offset(key)).toBe(3);
    await uploads.finish(key, digest, bodyOf(content.slice(3)), { start: 3 });
    expect(await read(digest)).toBe(content);
  });
});

describe('purging', () => {
  test('ends sessions in which nothing was written for long, and no others', async () => {
    const old = await start();
    await uploads.append(old, bodyOf(head));
    const now = Date.now() + 1;
    expect(await uploads.purge(now, { dryRun: true })).toEqual([old.id]);
    expect(await uploads.offset(old)).toBe(7);
    expect(await uploads.purge(now - 60_000, { dryRun: false })).toEqual([]);
    expect(await uploads.purge(now, { dryRun: false })).toEqual([old.id]);
    await expect(uploads.offset(old)).rejects.toThrow(code('BLOB_UPLOAD_UNKNOWN'));
    expect(await fixture.files()).toEqual([]);
  });

  test('leaves a session alone to which a slow client writes', async () => {
    const key = await start();
    const slow = slowBody();
    const finishing = uploads.finish(key, digest, slow);
    slow.write(head);
    await until(async () => (await uploads.offset(key)) === 7);
    expect(await uploads.purge(Date.now() + 1, { dryRun: false })).toEqual([]);
    slow.end(tail);
    await finishing;
    expect(await read(digest)).toBe(content);
  });
});
