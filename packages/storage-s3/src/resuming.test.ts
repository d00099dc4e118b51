import { fork } from 'node:child_process';
import { once } from 'node:events';

import { canSweep, type StorageDriver } from '@berth/storage';
import { patternBytes, readFile, writeFile } from '@berth/storage/testing';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';

import { s3Client } from './client.ts';
import { fileSize } from './file-state.ts';
import { Bucket } from './bucket.ts';
import { Keys } from './keys.ts';
import { createUpload, listUploads, uploadPart, type OpenUpload } from './multipart.ts';
import { putObject } from './objects.ts';
import type { S3DriverOptions } from './options.ts';
import { s3Driver } from './s3-driver.ts';
import { knowsConditions } from './testing/conditions.ts';
import { everythingIn } from './testing/open-uploads.ts';
import { withS3 } from './testing/with-s3.ts';

const MIB = 1024 * 1024;
const PART = 5 * MIB;

await withS3(process.env, (server) => {
  let options: S3DriverOptions;
  let bucket: Bucket;

  beforeAll(async () => {
    options = { ...(await server().newBucket()), chunkSize: PART, rootDirectory: '/team/registry/' };
    bucket = new Bucket(s3Client(options), new Keys(options.rootDirectory), options);
  });

  afterEach(async () => {
    for (const path of ['a', 'b', 'uploads', 'other']) await another().delete(path);
    expect(await everything()).toEqual([]);
  });

  /** As another process would have it: nothing is shared but the bucket. */
  const another = (): StorageDriver => s3Driver(options);
  const everything = async () => {
    return (await everythingIn(options)).map((name) => name.replace('team/registry/', ''));
  };
  const write = async (driver: StorageDriver, path: string, bytes: Uint8Array, sync = false) => {
    const writer = await driver.append(path);
    await writer.write(bytes);
    await writer.close({ sync });
  };

  describe('another process goes on with', () => {
    test.for([
      ['nothing but an opened file', 0, ['a']],
      ['what is no part yet', 1000, ['a']],
      ['a whole part', PART, ['a']],
      ['a part and a tail', PART + 1000, ['a (upload)', 'a!tail']],
      ['two parts', 2 * PART, ['a (upload)']],
      ['parts and a tail', 3 * PART + 7, ['a (upload)', 'a!tail']],
    ] as const)('%s', async ([, size, keys]) => {
      const bytes = patternBytes(size + PART + 11);
      await write(another(), 'a', bytes.subarray(0, size));
      expect(await everything()).toEqual(keys);
      const writer = await another().append('a');
      expect(writer.size).toBe(size);
      await writer.write(bytes.subarray(size));
      await writer.close({ sync: true });
      expect(await everything()).toEqual(['a']);
      expect(bytes.equals(await readFile(another(), 'a'))).toBe(true);
    });

    test('many small chunks', async () => {
      const bytes = patternBytes(3 * PART);
      for (let at = 0; at < bytes.length; at += MIB)
        await write(another(), 'a', bytes.subarray(at, at + MIB));
      await writeFile(another(), 'a');
      expect(await everything()).toEqual(['a']);
      expect(bytes.equals(await readFile(another(), 'a'))).toBe(true);
    });
  });

  describe('after a crash', () => {
    const key = () => bucket.keys.file('a');

    test('parts that were written without a tail count', async () => {
      const bytes = patternBytes(2 * PART + 9);
      const upload = await createUpload(bucket, key());
      await uploadPart(bucket, upload, 1, bytes.subarray(0, PART));
      await uploadPart(bucket, upload, 2, bytes.subarray(PART, 2 * PART));
      expect(await another().stat('a')).toEqual({ size: 2 * PART });
      await write(another(), 'a', bytes.subarray(2 * PART), true);
      expect(bytes.equals(await readFile(another(), 'a'))).toBe(true);
    });

    test('an upload without a part is an empty file', async () => {
      await createUpload(bucket, key());
      expect(await another().stat('a')).toEqual({ size: 0 });
      await writeFile(another(), 'a');
      expect(await another().stat('a')).toEqual({ size: 0 });
      expect(await everything()).toEqual(['a']);
    });

    test('a tail whose bytes have become a part counts for nothing, and goes', async () => {
      const bytes = patternBytes(3 * PART);
      await write(another(), 'a', bytes.subarray(0, PART + 1000));
      const [open] = await openUploads();
      await uploadPart(bucket, open!, 2, bytes.subarray(PART, 2 * PART));
      expect(await another().stat('a')).toEqual({ size: 2 * PART });
      await write(another(), 'a', bytes.subarray(2 * PART), true);
      expect(bytes.equals(await readFile(another(), 'a'))).toBe(true);
      expect(await everything()).toEqual(['a']);
    });

    test('the longer of an object and the upload that goes on from it counts', async () => {
      const bytes = patternBytes(PART + 10);
      await write(another(), 'a', bytes.subarray(0, 10));
      const upload = await createUpload(bucket, key());
      expect(await another().stat('a')).toEqual({ size: 10 });
      await uploadPart(bucket, upload, 1, bytes.subarray(0, PART));
      expect(await another().stat('a')).toEqual({ size: PART });
      await write(another(), 'a', bytes.subarray(PART), true);
      expect(bytes.equals(await readFile(another(), 'a'))).toBe(true);
    });

    test('an upload that had not come as far as its object is ended', async () => {
      await write(another(), 'a', Buffer.from('hello '));
      await createUpload(bucket, key());
      await write(another(), 'a', Buffer.from('world'), true);
      expect((await readFile(another(), 'a')).toString()).toBe('hello world');
      expect(await everything()).toEqual(['a']);
    });

    test('killed in the middle of a write', async () => {
      const writer = fork(new URL('testing/endless-writer.ts', import.meta.url), [JSON.stringify(options)], {
        execArgv: ['--conditions=source'],
      });
      await once(writer, 'message');
      writer.kill('SIGKILL');
      await once(writer, 'exit');
      const size = await fileSize(bucket, 'a');
      expect(size).toBeGreaterThanOrEqual(2 * PART);
      await writeFile(another(), 'a', Buffer.from('the end'));
      const whole = await readFile(another(), 'a');
      expect(whole.subarray(0, size!).equals(Buffer.alloc(size!, 'w'))).toBe(true);
      expect(whole.subarray(size!).toString()).toBe('the end');
    });
  });

  describe('two writers of one file', () => {
    const noConditions = 'the server has no conditions on writes';
    let hasConditions: boolean;
    beforeAll(async () => {
      hasConditions = await knowsConditions(await server().newBucket());
    });

    test('the first one notices when the second has finished a short file', async ({ skip }) => {
      skip(!hasConditions, noConditions);
      const first = await another().append('a');
      await first.write(Buffer.from('first'));
      await write(another(), 'a', Buffer.from('second'), true);
      await expect(first.close({ sync: true })).rejects.toMatchObject({
        code: 'IO_ERROR',
        message: /another writer/,
      });
      expect((await readFile(another(), 'a')).toString()).toBe('second');
    });

    test('the first one notices when the second has changed a short file', async ({ skip }) => {
      skip(!hasConditions, noConditions);
      await write(another(), 'a', Buffer.from('both '));
      const first = await another().append('a');
      await first.write(Buffer.from('first'));
      await write(another(), 'a', Buffer.from('second'), true);
      await expect(first.close()).rejects.toMatchObject({ code: 'IO_ERROR' });
      expect((await readFile(another(), 'a')).toString()).toBe('both second');
    });

    test('the first one cannot complete an upload of its own over the file of the second', async () => {
      const first = await another().append('a');
      await first.write(Buffer.alloc(2 * PART + 1, '1'));
      const second = Buffer.alloc(2 * PART + 2, '2');
      await write(another(), 'b', second);
      await another().move('b', 'a');
      await expect(first.close({ sync: true })).rejects.toMatchObject({
        code: 'IO_ERROR',
        message: /another writer/,
      });
      expect(second.equals(await readFile(another(), 'a'))).toBe(true);
    });

    test('what the first one sends after the second has taken over fails, and does no harm', async () => {
      const bytes = patternBytes(4 * PART);
      await write(another(), 'a', bytes.subarray(0, 2 * PART));
      const first = await another().append('a');
      await first.write(bytes.subarray(2 * PART, 3 * PART));
      await write(another(), 'a', bytes.subarray(2 * PART), true);
      await expect(first.close({ sync: true })).rejects.toMatchObject({ name: 'StorageError' });
      expect(bytes.equals(await readFile(another(), 'a'))).toBe(true);
    });
  });

  describe('sweep', () => {
    const past = () => new Date(Date.now() - 60_000);
    const future = () => new Date(Date.now() + 60_000);
    const sweep = (prefix: string, before: Date) => {
      const driver = another();
      return canSweep(driver) ? driver.sweep(prefix, before) : undefined;
    };

    test('ends what is unfinished and old below the folder, and nothing else', async () => {
      await write(another(), 'uploads/1', Buffer.alloc(PART + 5));
      await createUpload(bucket, bucket.keys.file('uploads/2'));
      await write(another(), 'uploads/short', Buffer.from('short'));
      await write(another(), 'uploads/finished', Buffer.alloc(PART + 5), true);
      await putObject(bucket, bucket.keys.tail('uploads/3'), Buffer.from('of nothing'));
      await write(another(), 'other/4', Buffer.alloc(PART + 5));
      expect(await sweep('uploads', past())).toEqual([]);
      const ended = await sweep('uploads', future());
      expect(ended?.sort()).toEqual(['uploads/1', 'uploads/2']);
      expect(await everything()).toEqual([
        'other/4 (upload)',
        'other/4!tail',
        'uploads/finished',
        'uploads/short',
      ]);
      expect(await sweep('', future())).toEqual(['other/4']);
    });

    test('an upload whose parts are those of the file stays, as Swift completes in two steps', async () => {
      const bytes = patternBytes(2 * PART);
      await write(another(), 'a', bytes, true);
      const upload = await createUpload(bucket, bucket.keys.file('a'));
      await uploadPart(bucket, upload, 1, bytes.subarray(0, PART));
      await uploadPart(bucket, upload, 2, bytes.subarray(PART));
      expect(await sweep('', future())).toEqual([]);
      expect(await everything()).toEqual(['a', 'a (upload)']);
    });

    test.for([
      ['an upload that is old, but goes on, stays', 3 * PART],
      ['so does one to which only a tail was added', 2 * PART + 5],
    ] as const)('%s', async ([, size]) => {
      const bytes = patternBytes(size);
      await write(another(), 'a', bytes.subarray(0, 2 * PART));
      // The times of versitygw are whole seconds.
      await new Promise((resolve) => setTimeout(resolve, 2100));
      const between = new Date(Date.now() - 1000);
      await write(another(), 'a', bytes.subarray(2 * PART));
      expect(await sweep('', between)).toEqual([]);
      await writeFile(another(), 'a');
      expect(bytes.equals(await readFile(another(), 'a'))).toBe(true);
    });

    test('and it keeps its tail, also where the clocks of the servers differ', async () => {
      const bytes = patternBytes(2 * PART + 5);
      const upload = await createUpload(bucket, bucket.keys.file('a'));
      await uploadPart(bucket, upload, 1, bytes.subarray(0, PART));
      const metadata = { upload: upload.id, offset: String(2 * PART) };
      await putObject(bucket, bucket.keys.tail('a'), bytes.subarray(2 * PART), { metadata });
      await new Promise((resolve) => setTimeout(resolve, 2100));
      const between = new Date(Date.now() - 1000);
      await uploadPart(bucket, upload, 2, bytes.subarray(PART, 2 * PART));
      expect(await sweep('', between)).toEqual([]);
      await writeFile(another(), 'a');
      expect(bytes.equals(await readFile(another(), 'a'))).toBe(true);
    });
  });

  async function openUploads() {
    const uploads: OpenUpload[] = [];
    for await (const upload of listUploads(bucket, bucket.keys.file('a'))) uploads.push(upload);
    return uploads;
  }
});
