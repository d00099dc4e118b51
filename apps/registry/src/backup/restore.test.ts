import { readdir, rm, writeFile as writeLocal } from 'node:fs/promises';
import { join } from 'node:path';
import { readFile, writeFile } from '@berth/storage/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isNewer } from './marker.ts';
import { dying } from './testing/dying-driver.ts';
import { BackupFixture } from './testing/fixture.ts';

let fixture: BackupFixture;

beforeEach(async () => {
  fixture = await BackupFixture.open();
});

afterEach(() => fixture.close());

describe('a restore', () => {
  test('that is cut off goes on, and until its end there is nothing', { timeout: 120_000 }, async () => {
    await fixture.make();
    for (let nth = 1; ; nth += 1) {
      const target = await fixture.newHome();
      const killed = await fixture.bring({ ...target, storage: dying(target.storage, nth) }).then(
        () => false,
        () => true,
      );
      if (!killed) break;
      expect(await readdir(target.data)).not.toContain('berth.db');
      expect(await fixture.bring(target)).toMatchObject({ lost: [] });
      await fixture.expectToHold(target, fixture.contents);
      await rm(target.data, { recursive: true });
    }
  });

  test('touches nothing that is there', async () => {
    await fixture.make();
    const target = await fixture.newHome();
    await writeLocal(target.file, 'a database');
    await expect(fixture.bring(target)).rejects.toThrow(`there is a database already, ${target.file}`);
    await rm(target.file);
    const path = 'docker/registry/v2/blobs/sha256/aa/aa/data';
    await writeFile(target.storage, path, Buffer.from('of somebody else'));
    await expect(fixture.bring(target)).rejects.toThrow('--keep-blobs');
    expect(await readdir(target.data)).toEqual(['docker']);
    expect(await fixture.bring(target, { keepBlobs: true })).toMatchObject({ copied: 3, lost: [] });
    expect(await target.storage.stat(path)).not.toBeNull();
  });

  test.for(['-wal', '-journal'])('is refused beside the %s of another database', async (end) => {
    await fixture.make();
    const target = await fixture.newHome();
    await writeLocal(`${target.file}${end}`, 'changes of the database before');
    await expect(fixture.bring(target)).rejects.toThrow(`${target.file}${end} belongs to a database`);
    expect(await readdir(target.data)).toEqual([`berth.db${end}`]);
    await rm(`${target.file}${end}`);
    expect(await fixture.bring(target)).toMatchObject({ copied: 3, lost: [] });
  });

  test('of a newer Berth is refused, before anything is written', async () => {
    await fixture.make();
    const marker = JSON.parse((await readFile(fixture.folder.driver, 'backup.json')).toString()) as object;
    const target = await fixture.newHome();
    for (const newer of [{ version: '999.0.0' }, { format: 2 }]) {
      await writeLocal(join(fixture.folder.path, 'backup.json'), JSON.stringify({ ...marker, ...newer }));
      await expect(fixture.bring(target)).rejects.toThrow('install that one');
    }
    expect(await readdir(target.data)).toEqual([]);
  });

  test('of a database with newer tables is refused too', async () => {
    await fixture.parts.database.transaction((trx) =>
      trx
        .insertInto('distribution_migration' as 'blob')
        .values({ name: '9999-later', timestamp: '2030-01-01' } as never)
        .execute(),
    );
    await fixture.make();
    const target = await fixture.newHome();
    await expect(fixture.bring(target)).rejects.toThrow('newer version of Berth');
    expect(await readdir(target.data)).toEqual([]);
  });

  test('of a damaged database is refused', async () => {
    await fixture.make();
    await writeLocal(join(fixture.folder.path, 'berth.db'), 'no database'.repeat(1000));
    const target = await fixture.newHome();
    await expect(fixture.bring(target)).rejects.toThrow('damaged');
    expect(await readdir(target.data)).toEqual([]);
  });
});

describe('a backup of the database only', () => {
  test('is restored beside the blobs', async () => {
    expect(await fixture.make({ databaseOnly: true })).toMatchObject({ of: { blobs: 3 }, copied: 0 });
    expect((await readdir(fixture.folder.path)).sort()).toEqual(['backup.json', 'berth.db', 'blobs.txt']);
    const target = await fixture.newHome();
    await expect(fixture.bring(target)).rejects.toThrow('none of the 3 blobs is in storage');
    expect(await readdir(target.data)).not.toContain('berth.db');
    const list = (await readFile(fixture.folder.driver, 'blobs.txt')).toString();
    for (const line of list.trim().split('\n')) {
      const path = line.split(' ')[2]!;
      await writeFile(target.storage, path, await readFile(fixture.parts.storage!, path));
    }
    expect(await fixture.bring(target)).toMatchObject({ databaseOnly: true, copied: 0, lost: [] });
    await fixture.expectToHold(target, fixture.contents);
  });
});

test.each([
  ['0.1.0', '0.1.0', false],
  ['0.1.1', '0.1.0', true],
  ['0.10.0', '0.9.0', true],
  ['1.0.0', '0.9.9', true],
  ['0.9.9', '1.0.0', false],
  ['0.2.0-rc.1', '0.2.0', false],
])('%s is newer than %s: %s', (one, other, newer) => expect(isNewer(one, other)).toBe(newer));
