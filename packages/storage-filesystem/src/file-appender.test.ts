import type { FileHandle } from 'node:fs/promises';

import { patternBytes, readFile } from '@berth/storage/testing';
import { describe, expect, test } from 'vitest';

import { filesystemDriver } from './filesystem-driver.ts';
import { recordingFileSystem, systemError } from './testing/recording-file-system.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';

const KIB = 1024;

interface Writes {
  readonly sizes: number[];
}

/** Calls `before` with each batch that is on its way to the disk; it may answer how many buffers are written. */
function watchWrites(handle: FileHandle, before: (bytes: number) => Promise<number | void>): Writes {
  const { writev } = handle;
  const sizes: number[] = [];
  handle.writev = (async (buffers: Uint8Array[], position?: number) => {
    const bytes = buffers.reduce((sum, buffer) => sum + buffer.length, 0);
    const allowed = (await before(bytes)) ?? bytes;
    const part = allowed < bytes ? [Buffer.concat(buffers).subarray(0, allowed)] : buffers;
    sizes.push(Math.min(allowed, bytes));
    return writev.call(handle, part, position);
  }) as FileHandle['writev'];
  return { sizes };
}

async function watchedDriver(before: (bytes: number) => Promise<number | void>) {
  const rootDirectory = await temporaryFolder();
  const watched: Writes[] = [];
  const { fs, openFiles } = recordingFileSystem(rootDirectory, (handle) => {
    watched.push(watchWrites(handle, before));
  });
  return { driver: filesystemDriver({ rootDirectory, fs }), watched, openFiles };
}

test('chunks are written in batches of 1 MiB', async () => {
  const { driver, watched } = await watchedDriver(async () => undefined);
  const writer = await driver.append('file');
  for (let count = 0; count < 40; count += 1) await writer.write(Buffer.alloc(64 * KIB));
  await writer.close();
  expect(watched[0]?.sizes).toEqual([1024 * KIB, 1024 * KIB, 512 * KIB]);
});

test('one batch is written while the next collects, and then the writer waits', async () => {
  const disk = Promise.withResolvers<void>();
  const { driver } = await watchedDriver(() => disk.promise);
  const writer = await driver.append('file');
  const batch = Buffer.alloc(1024 * KIB);
  await writer.write(batch);
  await writer.write(batch.subarray(0, 1000 * KIB));
  let third = 'waits';
  const full = writer.write(batch).then(() => (third = 'written'));
  await new Promise((resolve) => setImmediate(resolve));
  expect(third).toBe('waits');
  disk.resolve();
  await full;
  await writer.close({ sync: true });
  expect(await driver.stat('file')).toEqual({ size: 3048 * KIB });
});

test('a write that stores only a part is continued', async () => {
  const { driver, watched } = await watchedDriver(async (bytes) => Math.ceil(bytes / 3));
  const bytes = patternBytes(2_000 * KIB);
  const writer = await driver.append('file');
  for (let at = 0; at < bytes.length; at += 1000) await writer.write(bytes.subarray(at, at + 1000));
  await writer.close({ sync: true });
  expect(watched[0]?.sizes.length).toBeGreaterThan(3);
  expect(bytes.equals(await readFile(driver, 'file'))).toBe(true);
});

describe('an error of a write in the background', () => {
  const failing = () => {
    let writes = 0;
    return watchedDriver(async () => {
      writes += 1;
      if (writes === 2) throw systemError('ENOSPC');
    });
  };

  test('comes from the next write, and nothing is written behind the gap', async () => {
    const { driver, openFiles } = await failing();
    const writer = await driver.append('file');
    const batch = patternBytes(1024 * KIB);
    await writer.write(batch);
    await writer.write(batch);
    await expect(writer.write(batch)).rejects.toMatchObject({ code: 'NO_SPACE' });
    await expect(writer.write(batch)).rejects.toMatchObject({ code: 'NO_SPACE' });
    await expect(writer.close({ sync: true })).rejects.toMatchObject({ code: 'NO_SPACE' });
    expect(openFiles()).toBe(0);
    expect(await driver.stat('file')).toEqual({ size: batch.length });
  });

  test('comes from close, where no write follows', async () => {
    const { driver, openFiles } = await failing();
    const writer = await driver.append('file');
    await writer.write(patternBytes(1024 * KIB));
    await writer.write(patternBytes(1024 * KIB));
    await expect(writer.close()).rejects.toMatchObject({ code: 'NO_SPACE' });
    expect(openFiles()).toBe(0);
  });
});
