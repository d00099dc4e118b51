import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import * as nodeFs from 'node:fs/promises';
import {
  mkdir,
  mkdtemp,
  readFile as readPlain,
  rm,
  stat,
  statfs,
  symlink,
  writeFile as writePlain,
} from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describeStorageDriver, listFiles, patternBytes, readFile, writeFile } from '@berth/storage/testing';
import { describe, expect, onTestFinished, test } from 'vitest';

import { filesystemDriver } from './filesystem-driver.ts';
import { recordingFileSystem } from './testing/recording-file-system.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';

const MIB = 1024 * 1024;

describeStorageDriver('filesystemDriver', async () => {
  const rootDirectory = await mkdtemp(join(tmpdir(), 'berth-storage-'));
  return {
    driver: filesystemDriver({ rootDirectory }),
    stop: () => rm(rootDirectory, { recursive: true }),
  };
});

describe('the root', () => {
  test('is an empty storage before it exists, and made by the first write', async () => {
    const rootDirectory = join(await temporaryFolder(), 'not/yet');
    const driver = filesystemDriver({ rootDirectory });
    expect(await listFiles(driver, '')).toEqual([]);
    expect(await driver.stat('file')).toBeNull();
    await writeFile(driver, 'file', Buffer.from('here'));
    expect(await readPlain(join(rootDirectory, 'file'), 'utf8')).toBe('here');
  });

  test('is never left', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'root'));
    await writePlain(join(folder, 'secret'), 'outside');
    const driver = filesystemDriver({ rootDirectory: join(folder, 'root') });
    for (const path of ['../secret', 'a/../../secret', join(folder, 'secret')]) {
      const calls = [
        driver.stat(path),
        readFile(driver, path),
        driver.append(path),
        driver.move(path, 'taken'),
        driver.delete(path),
        listFiles(driver, path),
      ];
      const codes = await Promise.allSettled(calls);
      expect(codes).toEqual(
        calls.map(() => ({ status: 'rejected', reason: expect.objectContaining({ code: 'INVALID_PATH' }) })),
      );
    }
    expect(await readPlain(join(folder, 'secret'), 'utf8')).toBe('outside');
    expect(await listFiles(driver, '')).toEqual([]);
  });
});

test('what is to stay free on the disk is not written to', async () => {
  const rootDirectory = await temporaryFolder();
  const { bavail, bsize } = await statfs(rootDirectory);
  const content = Buffer.from('x');
  const full = filesystemDriver({ rootDirectory, reserve: bavail * bsize * 2 });
  await expect(writeFile(full, 'file', content)).rejects.toMatchObject({ code: 'NO_SPACE' });
  const fs = { ...nodeFs, statfs: (async () => ({ bavail: 10, bsize: 1 })) as unknown as typeof statfs };
  const tight = filesystemDriver({ rootDirectory, reserve: 7, fs });
  await writeFile(tight, 'fits', Buffer.from('abc'));
  await expect(writeFile(tight, 'file', Buffer.from('abcd'))).rejects.toMatchObject({ code: 'NO_SPACE' });
  const roomy = filesystemDriver({ rootDirectory, reserve: 1 });
  await writeFile(roomy, 'file', content);
  expect(await readFile(roomy, 'file')).toEqual(content);
});

test('files and folders are closed to others', async () => {
  const rootDirectory = await temporaryFolder();
  const driver = filesystemDriver({ rootDirectory });
  await writeFile(driver, 'upload', Buffer.from('x'));
  await driver.move('upload', 'folder/file');
  expect((await stat(join(rootDirectory, 'folder'))).mode & 0o007).toBe(0);
  expect((await stat(join(rootDirectory, 'folder/file'))).mode & 0o137).toBe(0);
});

test('list follows links and skips what is no path of a storage', async () => {
  const rootDirectory = await temporaryFolder();
  const elsewhere = await temporaryFolder();
  const driver = filesystemDriver({ rootDirectory });
  await writeFile(driver, 'a/file', Buffer.from('x'));
  await writePlain(join(elsewhere, 'linked'), 'x');
  await symlink(elsewhere, join(rootDirectory, 'b'));
  await symlink(join(elsewhere, 'nothing'), join(rootDirectory, 'broken'));
  await mkdir(join(rootDirectory, 'lost+found/below'), { recursive: true });
  expect(await listFiles(driver, '')).toEqual(['a/file', 'b/linked']);
});

test('list ends where links lead back to a folder on the way, or to themselves', async () => {
  const rootDirectory = await temporaryFolder();
  const elsewhere = await temporaryFolder();
  const driver = filesystemDriver({ rootDirectory });
  await writeFile(driver, 'a/b/file', Buffer.from('x'));
  await symlink('.', join(rootDirectory, 'a/here'));
  await symlink(rootDirectory, join(rootDirectory, 'a/b/root'));
  await symlink(elsewhere, join(rootDirectory, 'out'));
  await symlink(join(rootDirectory, 'a'), join(elsewhere, 'in'));
  await symlink(elsewhere, join(rootDirectory, 'a/b/out'));
  await symlink('self', join(rootDirectory, 'self'));
  expect(await listFiles(driver, '')).toEqual(['a/b/file', 'out/in/b/file']);
  expect(await driver.stat('self')).toBeNull();
});

test('what was closed without sync can be read, to resume its hash', async () => {
  const driver = filesystemDriver({ rootDirectory: await temporaryFolder() });
  const writer = await driver.append('upload');
  await writer.write(Buffer.from('half'));
  await writer.close();
  expect(await driver.stat('upload')).toEqual({ size: 4 });
  expect((await readFile(driver, 'upload')).toString()).toBe('half');
});

test('two writers of one file are noticed', async () => {
  const driver = filesystemDriver({ rootDirectory: await temporaryFolder() });
  const first = await driver.append('upload');
  const second = await driver.append('upload');
  await first.write(Buffer.from('one'));
  await second.write(Buffer.from('two'));
  await first.close();
  await expect(second.close({ sync: true })).rejects.toMatchObject({ code: 'IO_ERROR' });
});

describe('no handle stays open', () => {
  test.for(['to the end', 'early', 'by an error', 'by a signal'])(
    'after a read that stopped %s',
    async (how) => {
      const rootDirectory = await temporaryFolder();
      const { fs, openFiles } = recordingFileSystem(rootDirectory);
      const driver = filesystemDriver({ rootDirectory, fs });
      await writeFile(driver, 'big', patternBytes(4 * MIB));
      const controller = new AbortController();
      const stop: { [how: string]: () => void } = {
        'by an error': () => {
          throw new Error('the client went away');
        },
        'by a signal': () => controller.abort(),
      };
      const reading = async () => {
        for await (const _ of driver.read('big', controller)) {
          expect(openFiles()).toBe(1);
          stop[how]?.();
          if (how === 'early') break;
        }
      };
      await reading().catch(() => undefined);
      expect(openFiles()).toBe(0);
    },
  );

  test('after a read of a folder, a range that is none, and a file that does not exist', async () => {
    const rootDirectory = await temporaryFolder();
    const { fs, openFiles } = recordingFileSystem(rootDirectory);
    const driver = filesystemDriver({ rootDirectory, fs });
    await writeFile(driver, 'a/file', Buffer.from('x'));
    await expect(readFile(driver, 'a')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(readFile(driver, 'a/file', { start: 2 })).rejects.toMatchObject({ code: 'INVALID_RANGE' });
    await expect(readFile(driver, 'a/none')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(openFiles()).toBe(0);
  });
});

test('a chunk that a reader stopped at is not used for another file: a socket may still be sending it', async () => {
  const driver = filesystemDriver({ rootDirectory: await temporaryFolder() });
  await writeFile(driver, 'mine', Buffer.alloc(4 * MIB, 'm'));
  await writeFile(driver, 'secret', Buffer.alloc(4 * MIB, 's'));
  let kept: Uint8Array = new Uint8Array(0);
  for await (const chunk of driver.read('mine')) {
    kept = chunk;
    break;
  }
  await readFile(driver, 'secret');
  expect(Buffer.from(kept).equals(Buffer.alloc(kept.length, 'm'))).toBe(true);
});

describe('what somebody else put in the place of a file', () => {
  const put = {
    'a named pipe': (path: string) => void execFileSync('mkfifo', [path]),
    'a socket': async (path: string) => {
      const server = createServer().listen(path);
      onTestFinished(() => void server.close());
      await once(server, 'listening');
    },
    'a device': (path: string) => symlink('/dev/zero', path),
  };

  test.for(Object.entries(put))('%s is no file, and nothing waits for it', async ([, make]) => {
    const rootDirectory = await temporaryFolder();
    const driver = filesystemDriver({ rootDirectory });
    await make(join(rootDirectory, 'data'));
    expect(await driver.stat('data')).toBeNull();
    expect(await listFiles(driver, '')).toEqual([]);
    await expect(readFile(driver, 'data')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(driver.move('data', 'blob')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await writeFile(driver, 'upload', Buffer.from('whole'));
    await driver.move('upload', 'data');
    expect(await readFile(driver, 'data')).toEqual(Buffer.from('whole'));
  });

  test('a named pipe is not written to', async () => {
    const rootDirectory = await temporaryFolder();
    execFileSync('mkfifo', [join(rootDirectory, 'data')]);
    const driver = filesystemDriver({ rootDirectory });
    await expect(writeFile(driver, 'data', Buffer.from('lost'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

test.skipIf(!existsSync('/dev/full'))('a full disk is NO_SPACE', async () => {
  const rootDirectory = await temporaryFolder();
  await symlink('/dev/full', join(rootDirectory, 'full'));
  const writer = await filesystemDriver({ rootDirectory }).append('full');
  await writer.write(Buffer.from('x'));
  await expect(writer.close()).rejects.toMatchObject({ name: 'StorageError', code: 'NO_SPACE' });
});
