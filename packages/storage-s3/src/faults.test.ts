import { createHash } from 'node:crypto';

import type { StorageDriver } from '@berth/storage';
import { listFiles, patternBytes, readFile, writeFile } from '@berth/storage/testing';
import { describe, expect, test } from 'vitest';

import { s3Driver } from './s3-driver.ts';
import { expectError } from './testing/expect-error.ts';
import { withProxiedS3 } from './testing/with-s3.ts';

const MIB = 1024 * 1024;
const PART = 5 * MIB;
const SLOW_DOWN = { kind: 'answer', status: 503, code: 'SlowDown' } as const;
const LOST = { kind: 'lose the answer' } as const;

await withProxiedS3(process.env, (s3) => {
  describe('a server that is in trouble for a moment is asked again', () => {
    test.for([
      ['InternalError of a write', /^PUT .*\/file/, { kind: 'answer', status: 500, code: 'InternalError' }],
      ['SlowDown of a write', /^PUT .*\/file/, SLOW_DOWN],
      ['SlowDown of a stat', /^HEAD .*\/file/, SLOW_DOWN],
      ['SlowDown of a read', /^GET .*\/file/, SLOW_DOWN],
      ['SlowDown of a list', /list-type=2/, SLOW_DOWN],
      ['a lost answer to the write of a short file', /^PUT .*\/file/, LOST],
      ['a lost answer to a read', /^GET .*\/file/, LOST],
    ] as const)('%s', async ([, matches, fault]) => {
      s3.proxy.failNext(matches, fault);
      await writeFile(s3.driver, 'file', Buffer.from('content'));
      expect(await s3.driver.stat('file')).toEqual({ size: 7 });
      expect((await readFile(s3.driver, 'file')).toString()).toBe('content');
      expect(await listFiles(s3.driver, '')).toEqual(['file']);
      expect(s3.proxy.pending).toBe(0);
    });

    test.for([
      ['SlowDown of a part', /partNumber=2/, SLOW_DOWN],
      ['a lost answer to a part', /partNumber=2/, LOST],
      ['a lost answer to the beginning', /^POST .*\?uploads/, LOST],
      ['SlowDown of the end', /^POST .*\?uploadId=/, SLOW_DOWN],
      ['a lost answer to the end', /^POST .*\?uploadId=/, LOST],
    ] as const)('%s of a long file', async ([, matches, fault]) => {
      const bytes = patternBytes(3 * PART + 5);
      s3.proxy.failNext(matches, fault);
      await writeFile(s3.driver, 'long', bytes);
      expect(bytes.equals(await readFile(s3.driver, 'long'))).toBe(true);
      expect(s3.proxy.pending).toBe(0);
    });
  });

  describe('an upload that is gone when its end is asked for again', () => {
    const end = /^POST .*[?&]uploadId=/;
    const gone = { kind: 'answer', status: 404, code: 'NoSuchUpload' } as const;

    test('is the file, if the answer was lost', async () => {
      const bytes = patternBytes(2 * PART + 5);
      s3.proxy.failNext(end, LOST);
      s3.proxy.failNext(end, gone);
      await writeFile(s3.driver, 'long', bytes);
      expect(s3.proxy.pending).toBe(0);
      expect(bytes.equals(await readFile(s3.driver, 'long'))).toBe(true);
    });

    test('is lost, if there is no such file', async () => {
      s3.proxy.failNext(end, gone);
      await expectError(writeFile(s3.driver, 'long', patternBytes(2 * PART)), 'IO_ERROR', 'another writer');
    });
  });

  describe('a server that stays in trouble is UNAVAILABLE', () => {
    const calls: Readonly<Record<string, (driver: StorageDriver) => Promise<unknown>>> = {
      stat: (driver) => driver.stat('file'),
      read: (driver) => readFile(driver, 'file'),
      append: (driver) => driver.append('file'),
      write: (driver) => writeFile(driver, 'new', Buffer.alloc(3 * PART)),
      move: (driver) => driver.move('file', 'to'),
      delete: (driver) => driver.delete('file'),
      list: (driver) => listFiles(driver, ''),
    };

    test.for(Object.entries(calls))('by 503, in %s', async ([, call]) => {
      await writeFile(s3Driver(s3.direct), 'file', Buffer.from('content'));
      s3.proxy.failNext(new RegExp(`/${s3.options.bucket}`), SLOW_DOWN, 1000);
      await expectError(call(s3.driver), 'UNAVAILABLE', s3.options.bucket);
      expect((await readFile(s3Driver(s3.direct), 'file')).toString()).toBe('content');
    });

    test.for(Object.entries(calls))('as nobody listens there, in %s', async ([, call]) => {
      const dead = s3Driver({ ...s3.options, endpoint: 'http://127.0.0.1:1', attempts: 1 });
      await expectError(call(dead), 'UNAVAILABLE', 'ECONNREFUSED');
    });

    test('as it says nothing for longer than the time-out', async () => {
      s3.proxy.failNext(/^HEAD/, { kind: 'delay', milliseconds: 5000 }, 4);
      const impatient = s3Driver({ ...s3.options, idleTimeout: 200, attempts: 1 });
      await expectError(impatient.stat('file'), 'UNAVAILABLE', 'HeadObject');
    });
  });

  test.for([4, 12])('a body of %i MiB that breaks off is read on from there', async (mebibytes) => {
    const bytes = patternBytes(mebibytes * MIB);
    await writeFile(s3Driver(s3.direct), 'file', bytes);
    s3.proxy.failNext(/^GET .*\/file/, { kind: 'cut the answer', after: 1_000_000 }, 2);
    const range = { start: 10, end: bytes.length - 10 };
    expect((await readFile(s3.driver, 'file', range)).equals(bytes.subarray(range.start, range.end))).toBe(
      true,
    );
    const asked = s3.proxy.requests.filter(({ method }) => method === 'GET');
    expect(asked.map(({ headers }) => headers.range)).toHaveLength(3);
    expect(asked[1]?.headers.range).toMatch(new RegExp(`^bytes=\\d{6,}-${range.end - 1}$`));
    expect(asked[1]?.headers['if-match']).toBeDefined();
  });

  test.for([1, 12])('a body of %i MiB that always breaks off is an error', async (mebibytes) => {
    await writeFile(s3Driver(s3.direct), 'file', Buffer.alloc(mebibytes * MIB));
    s3.proxy.failNext(/^GET .*\/file/, { kind: 'cut the answer', after: 0 }, 100);
    await expectError(readFile(s3.driver, 'file'), 'UNAVAILABLE', 'GetObject');
  });

  test('an abort ends the request', async () => {
    s3.proxy.failNext(/^HEAD/, { kind: 'delay', milliseconds: 60_000 }, 2);
    const reason = new Error('the client went away');
    const controller = new AbortController();
    const stat = s3.driver.stat('file', controller);
    await expect.poll(() => s3.proxy.open).toBe(2);
    controller.abort(reason);
    await expect(stat).rejects.toBe(reason);
    await expect.poll(() => s3.proxy.open).toBe(0);
  });

  test('an abort ends a read that waits for bytes', async () => {
    await writeFile(s3Driver(s3.direct), 'file', Buffer.alloc(4 * MIB));
    const reason = new Error('the client went away');
    const controller = new AbortController();
    const reading = async () => {
      for await (const _ of s3.driver.read('file', controller)) controller.abort(reason);
    };
    await expect(reading()).rejects.toBe(reason);
    await expect.poll(() => s3.proxy.open).toBe(0);
  });

  test('after a part that failed nothing is kept behind the gap, and the next writer goes on before it', async () => {
    const bytes = patternBytes(4 * PART);
    s3.proxy.failNext(/partNumber=2/, SLOW_DOWN, 1000);
    const writer = await s3.driver.append('long');
    const writing = async () => {
      for (let at = 0; at < bytes.length; at += MIB) await writer.write(bytes.subarray(at, at + MIB));
    };
    await expectError(writing(), 'UNAVAILABLE', 'UploadPart');
    await expectError(writer.close({ sync: true }), 'UNAVAILABLE', 'UploadPart');
    const next = await s3Driver(s3.direct).append('long');
    expect(next.size).toBe(PART);
    await next.write(bytes.subarray(PART));
    await next.close({ sync: true });
    expect(bytes.equals(await readFile(s3.driver, 'long'))).toBe(true);
  });

  test('the beginning of a file stays where its first part fails', async () => {
    const bytes = patternBytes(2 * PART);
    const beginning = await s3.driver.append('long');
    await beginning.write(bytes.subarray(0, 1000));
    await beginning.close();
    s3.proxy.failNext(/partNumber=1/, SLOW_DOWN, 1000);
    const writer = await s3.driver.append('long');
    await expectError(writer.write(bytes.subarray(1000)), 'UNAVAILABLE', 'UploadPart');
    await expectError(writer.close(), 'UNAVAILABLE', 'UploadPart');
    const next = await s3Driver(s3.direct).append('long');
    expect(next.size).toBe(1000);
    await next.write(bytes.subarray(1000));
    await next.close({ sync: true });
    expect(bytes.equals(await readFile(s3.driver, 'long'))).toBe(true);
  });

  test('what is written carries its SHA-256, and no checksum that other servers do not know', async () => {
    const content = Buffer.from('content');
    await writeFile(s3.driver, 'file', content);
    const { headers } = s3.proxy.requests.find(({ method }) => method === 'PUT')!;
    expect(headers['x-amz-content-sha256']).toBe(createHash('sha256').update(content).digest('hex'));
    expect(Object.keys(headers).filter((name) => name.includes('checksum'))).toEqual([]);
  });

  test('a server without conditions on writes is written to without', async () => {
    s3.proxy.failNext(/^PUT .*\/file/, { kind: 'answer', status: 501, code: 'NotImplemented' }, 1);
    await writeFile(s3.driver, 'file', Buffer.from('content'));
    await writeFile(s3.driver, 'more', Buffer.from('content'));
    const conditions = s3.proxy.requests
      .filter(({ method }) => method === 'PUT')
      .map(({ headers }) => headers['if-none-match']);
    expect(conditions).toEqual(['*', undefined, undefined]);
  });

  test('a server without a condition on a write may have one to complete an upload, as Swift has', async () => {
    s3.proxy.failNext(/^PUT .*\/file/, { kind: 'answer', status: 501, code: 'NotImplemented' }, 1);
    await writeFile(s3.driver, 'file', Buffer.from('content'));
    await writeFile(s3.driver, 'long', Buffer.alloc(2 * PART));
    const end = s3.proxy.requests.find(({ method, url }) => method === 'POST' && url.includes('uploadId'));
    expect(end?.headers['if-none-match']).toBe('*');
  });

  describe('the end of a chunked body behind an answer to HEAD, as Swift sends it', () => {
    const missing = 'HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n';

    test.for([
      ['at once', [`${missing}0\r\n\r\n`]],
      ['a moment later', [missing, '0\r\n\r\n']],
    ] as const)('%s, is no error', async ([, pieces]) => {
      s3.proxy.failNext(/^HEAD/, { kind: 'write', pieces }, 8);
      for (let time = 0; time < 4; time += 1) {
        expect(await s3.driver.stat('file')).toBeNull();
        expect(await listFiles(s3.driver, '')).toEqual([]);
      }
      expect(s3.proxy.pending).toBe(0);
    });
  });
});
