import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { readFile, writeFile } from '@berth/storage/testing';
import { describe, expect, test } from 'vitest';

import { filesystemDriver } from './filesystem-driver.ts';
import { recordingFileSystem, systemError } from './testing/recording-file-system.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';

async function recordedDriver(below = '.') {
  const rootDirectory = join(await temporaryFolder(), below);
  const { fs, log } = recordingFileSystem(rootDirectory);
  const driver = filesystemDriver({ rootDirectory, fs });
  const push = async (upload: string, blob: string) => {
    await writeFile(driver, upload, Buffer.from('content'));
    await driver.move(upload, blob);
    return log.splice(0);
  };
  return { rootDirectory, driver, push };
}

test('a move syncs the file, renames it, and syncs every folder that has a new entry', async () => {
  const { push } = await recordedDriver();
  const [first, second, ...folders] = await push('uploads/1/data', 'blobs/sha256/ab/abcd/data');
  expect(first).toBe('fsync uploads/1/data');
  expect(second).toBe('rename uploads/1/data blobs/sha256/ab/abcd/data');
  expect(folders.toSorted()).toEqual([
    'fsync .',
    'fsync blobs',
    'fsync blobs/sha256',
    'fsync blobs/sha256/ab',
    'fsync blobs/sha256/ab/abcd',
  ]);
});

test('the second blob of a folder syncs only what it added', async () => {
  const { push } = await recordedDriver();
  await push('uploads/1/data', 'blobs/sha256/ab/abcd/data');
  const [, , ...folders] = await push('uploads/2/data', 'blobs/sha256/ab/abef/data');
  expect(folders.toSorted()).toEqual(['fsync blobs/sha256/ab', 'fsync blobs/sha256/ab/abef']);
});

test('a folder that somebody else made is not trusted to be durable', async () => {
  const { driver, push } = await recordedDriver();
  await writeFile(driver, 'blobs/ab/other/data', Buffer.from('not synced'));
  const log = await push('uploads/1/data', 'blobs/ab/abcd/data');
  expect(log).toContain('fsync blobs');
  expect(log).toContain('fsync .');
});

test('a folder that was deleted and is made again is synced again', async () => {
  const { driver, push } = await recordedDriver();
  await push('uploads/1/data', 'blobs/ab/abcd/data');
  await driver.delete('blobs');
  const log = await push('uploads/2/data', 'blobs/ab/abcd/data');
  expect(log).toEqual(expect.arrayContaining(['fsync blobs/ab', 'fsync blobs', 'fsync .']));
});

describe('folders that another process', () => {
  const pushed = async () => {
    const recorded = await recordedDriver();
    await recorded.push('uploads/1/data', 'blobs/ab/abcd/data');
    return recorded;
  };

  test('deleted are synced again', async () => {
    const { rootDirectory, push } = await pushed();
    await rm(join(rootDirectory, 'blobs'), { recursive: true });
    const log = await push('uploads/2/data', 'blobs/ab/abef/data');
    expect(log).toEqual(expect.arrayContaining(['fsync blobs/ab', 'fsync blobs', 'fsync .']));
  });

  test('made again, when this one had deleted them, are synced again', async () => {
    const { rootDirectory, driver, push } = await pushed();
    await driver.delete('blobs');
    await mkdir(join(rootDirectory, 'blobs/ab'), { recursive: true });
    const log = await push('uploads/2/data', 'blobs/ab/abef/data');
    expect(log).toEqual(expect.arrayContaining(['fsync blobs/ab', 'fsync blobs', 'fsync .']));
  });

  test('deleted and made again are synced again where they are that of one blob', async () => {
    const { rootDirectory, push } = await pushed();
    await rm(join(rootDirectory, 'blobs/ab/abcd'), { recursive: true });
    await mkdir(join(rootDirectory, 'blobs/ab/abcd'));
    expect(await push('uploads/2/data', 'blobs/ab/abcd/data')).toContain('fsync blobs/ab');
  });
});

test('a root that could not be made is made by the next write', async () => {
  const rootDirectory = join(await temporaryFolder(), 'not/yet');
  const { fs } = recordingFileSystem(rootDirectory);
  let failures = 1;
  const failing: typeof fs = {
    ...fs,
    mkdir: (async (...asked: Parameters<typeof fs.mkdir>) => {
      if (failures-- > 0) throw systemError('EACCES');
      return fs.mkdir(...asked);
    }) as typeof fs.mkdir,
  };
  const driver = filesystemDriver({ rootDirectory, fs: failing });
  await expect(writeFile(driver, 'file', Buffer.from('x'))).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
  await writeFile(driver, 'file', Buffer.from('x'));
  expect(await driver.stat('file')).toEqual({ size: 1 });
});

test('a root that did not exist is synced in its parents', async () => {
  const { push } = await recordedDriver('srv/registry');
  const log = await push('uploads/1/data', 'blobs/data');
  expect(log.slice(0, 2)).toEqual(['fsync ..', 'fsync ../..']);
});

test('a close without sync does not wait for the disk', async () => {
  const rootDirectory = await temporaryFolder();
  const { fs, log } = recordingFileSystem(rootDirectory);
  const writer = await filesystemDriver({ rootDirectory, fs }).append('upload');
  await writer.write(Buffer.from('half'));
  await writer.close();
  expect(log).toEqual([]);
});

test('a file whose sync failed is removed, and not synced again', async () => {
  const rootDirectory = await temporaryFolder();
  let syncs = 0;
  const { fs, openFiles } = recordingFileSystem(rootDirectory, (handle) => {
    handle.sync = async () => {
      syncs += 1;
      throw systemError('EIO');
    };
  });
  const driver = filesystemDriver({ rootDirectory, fs });
  const writer = await driver.append('upload');
  await writer.write(Buffer.from('lost'));
  await expect(writer.close({ sync: true })).rejects.toMatchObject({ code: 'IO_ERROR' });
  await expect(writer.close({ sync: true })).rejects.toMatchObject({ code: 'IO_ERROR' });
  expect(await driver.stat('upload')).toBeNull();
  expect({ syncs, open: openFiles() }).toEqual({ syncs: 1, open: 0 });
});

const MIB = 1024 * 1024;

test('a long file goes to the disk while more of it comes, and its end does at the end', async () => {
  const rootDirectory = await temporaryFolder();
  const { fs, log } = recordingFileSystem(rootDirectory);
  const writer = await filesystemDriver({ rootDirectory, fs }).append('upload');
  for (let count = 0; count < 20; count += 1) await writer.write(Buffer.alloc(MIB));
  await expect.poll(() => log).toEqual(['fdatasync upload']);
  await writer.close({ sync: true });
  expect(log).toEqual(['fdatasync upload', 'fsync upload']);
});

describe('a file of which a part could not be brought to the disk', () => {
  const failing = async () => {
    const rootDirectory = await temporaryFolder();
    const { fs, log, openFiles } = recordingFileSystem(rootDirectory, (handle) => {
      handle.datasync = async () => Promise.reject(systemError('EIO'));
    });
    const driver = filesystemDriver({ rootDirectory, fs });
    const writer = await driver.append('upload');
    for (let count = 0; count < 17; count += 1) await writer.write(Buffer.alloc(MIB));
    return { driver, writer, log, openFiles };
  };

  test('is removed, and nothing more is written', async () => {
    const { driver, writer, log, openFiles } = await failing();
    await expect.poll(() => driver.stat('upload')).toBeNull();
    const go = async () => {
      for (let count = 0; count < 3; count += 1) await writer.write(Buffer.alloc(MIB));
    };
    await expect(go()).rejects.toMatchObject({ code: 'IO_ERROR' });
    await expect(writer.close({ sync: true })).rejects.toMatchObject({ code: 'IO_ERROR' });
    expect({ log, open: openFiles() }).toEqual({ log: [], open: 0 });
  });

  test('cannot be closed well, with sync or without', async () => {
    const { driver, writer, openFiles } = await failing();
    await expect(writer.close()).rejects.toMatchObject({ code: 'IO_ERROR' });
    expect(await driver.stat('upload')).toBeNull();
    expect(openFiles()).toBe(0);
  });
});

test('a file whose write failed is left alone once it is closed, whatever the disk says later', async () => {
  const rootDirectory = await temporaryFolder();
  const disk = Promise.withResolvers<void>();
  const { fs } = recordingFileSystem(rootDirectory, (handle) => {
    const { writev } = handle;
    let writes = 0;
    handle.writev = (async (buffers: Uint8Array[]) => {
      writes += 1;
      if (writes === 17) throw systemError('ENOSPC');
      return writev.call(handle, buffers);
    }) as typeof writev;
    handle.datasync = () => disk.promise;
  });
  const driver = filesystemDriver({ rootDirectory, fs });
  const writer = await driver.append('upload');
  for (let count = 0; count < 17; count += 1) await writer.write(Buffer.alloc(MIB));
  const closed = writer.close().catch((error: unknown) => error);
  await new Promise((resolve) => setTimeout(resolve, 50));
  disk.reject(systemError('EIO'));
  expect(await closed).toMatchObject({ code: 'NO_SPACE' });
  await writeFile(driver, 'upload', Buffer.from('of the next writer'));
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(await driver.stat('upload')).toEqual({ size: 18 });
});

test('a move whose folder cannot be synced is not acknowledged', async () => {
  const rootDirectory = await temporaryFolder();
  const { fs } = recordingFileSystem(rootDirectory, (handle, name) => {
    if (name === 'blobs') handle.sync = async () => Promise.reject(systemError('EIO'));
  });
  const driver = filesystemDriver({ rootDirectory, fs });
  await writeFile(driver, 'upload', Buffer.from('whole'));
  await expect(driver.move('upload', 'blobs/data')).rejects.toMatchObject({ code: 'IO_ERROR' });
  expect((await readFile(driver, 'blobs/data')).toString()).toBe('whole');
});
