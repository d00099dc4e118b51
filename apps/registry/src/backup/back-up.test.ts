import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { listFiles } from '@berth/storage/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openForBackup } from './folder.ts';
import { dying } from './testing/dying-driver.ts';
import { BackupFixture } from './testing/fixture.ts';

let fixture: BackupFixture;

beforeEach(async () => {
  fixture = await BackupFixture.open();
});

afterEach(() => fixture.close());

describe('a backup', () => {
  test('is restored with everything, and nothing of what was in progress', async () => {
    const at = { started_at: 1, updated_at: 1 };
    const session = {
      id: randomUUID(),
      repository: 'team/app',
      account_id: null,
      algorithm: 'sha256' as const,
    };
    const job = { id: randomUUID(), kind: 'verify', options: '{}', report: '{}', error: null };
    await fixture.parts.database.transaction(async (trx) => {
      await trx
        .insertInto('upload')
        .values({ ...session, fence: 0, digest: null, ...at })
        .execute();
      await trx
        .insertInto('job')
        .values({ ...job, state: 'running', started_at: 1, started_by: 'somebody', ended_at: null })
        .execute();
    });
    const { time } = await fixture.make();
    const target = await fixture.newHome();
    expect(await fixture.bring(target)).toMatchObject({
      time,
      blobs: 3,
      copied: 3,
      lost: [],
      databaseOnly: false,
    });
    await fixture.expectToHold(target, fixture.contents);
    const opened = await fixture.openHome(target);
    expect(await opened.database.reader.selectFrom('upload').selectAll().execute()).toEqual([]);
    expect(await opened.database.reader.selectFrom('job').select(['id', 'state']).execute()).toEqual([
      { id: job.id, state: 'stopped' },
    ]);
    expect(
      await opened.database.reader
        .selectFrom('lease' as 'blob')
        .selectAll()
        .execute(),
    ).toEqual([]);
    await opened.close();
  });

  test('is private, file by file', async () => {
    await fixture.make();
    const names = await readdir(fixture.folder.path, { recursive: true });
    for (const name of ['', ...names]) {
      const { mode } = await stat(join(fixture.folder.path, name));
      expect([name, mode & 0o077]).toEqual([name, 0]);
    }
    expect((await readdir(fixture.folder.path)).sort()).toEqual([
      'backup.json',
      'berth.db',
      'blobs',
      'blobs.txt',
    ]);
  });

  test('keeps blobs of the one before until they are pruned', async () => {
    await fixture.make();
    const gone = await fixture.parts.database.transaction((trx) =>
      trx.deleteFrom('blob').where('size', '=', 5000).returning('path').executeTakeFirstOrThrow(),
    );
    expect(await fixture.make()).toMatchObject({ blobs: 2, old: 1, pruned: 0 });
    expect(await fixture.folder.driver.stat(`blobs/${gone.path}`)).toEqual({ size: 5000 });
    expect(await fixture.make({ prune: true })).toMatchObject({ blobs: 2, old: 1, pruned: 1 });
    expect(await listFiles(fixture.folder.driver, 'blobs')).toHaveLength(2);
    await fixture.bring(await fixture.newHome());
  });

  test('is not disturbed by another one into the same folder, which is refused', async () => {
    const { path, driver } = fixture.folder;
    const refusals: unknown[] = [];
    const other = async () => {
      const folder = await openForBackup(path, join(fixture.root, 'data'));
      await fixture.make({ prune: true }, folder).catch((error: unknown) => refusals.push(error));
    };
    const move: typeof driver.move = async (...files) => {
      await other();
      await driver.move(...files);
    };
    expect(await fixture.make({}, { path, driver: { ...driver, move } })).toMatchObject({ copied: 3 });
    expect(refusals.length).toBeGreaterThan(3);
    for (const refusal of refusals) expect(String(refusal)).toContain('another backup is being made');
    expect(await fixture.bring(await fixture.newHome())).toMatchObject({ blobs: 3, lost: [] });
  });

  test('goes nowhere but into a folder of its own', async () => {
    const data = join(fixture.root, 'data');
    await expect(openForBackup(join(data, 'backup'), data)).rejects.toThrow('lies in the data folder');
    await expect(openForBackup(data, data)).rejects.toThrow('lies in the data folder');
    await expect(openForBackup(fixture.root, data)).rejects.toThrow('no part of a backup');
    const below = join(fixture.folder.path, 'backup.json', 'x');
    await fixture.make();
    await expect(openForBackup(below, data)).rejects.toThrow(
      /cannot be written by user \d+, as whom .*ENOTDIR/,
    );
    await expect(openForBackup(join(fixture.root, 'data-backup'), data)).resolves.toBeDefined();
  });
});

describe('a folder that symbolic links lead to', () => {
  test('is none for a backup where it lies in the data folder', async () => {
    const data = join(fixture.root, 'data');
    await mkdir(join(data, 'inside'), { recursive: true });
    await symlink(join(data, 'inside'), join(fixture.root, 'away'));
    await symlink(data, join(fixture.root, 'other-data'));
    for (const [path, of] of [
      [join(fixture.root, 'away'), data],
      [join(fixture.root, 'away', 'new', 'backup'), data],
      [join(data, 'backup'), join(fixture.root, 'other-data')],
    ] as const) {
      await expect(openForBackup(path, of)).rejects.toThrow('lies in the data folder');
    }
    expect(await readdir(join(data, 'inside'))).toEqual([]);
  });

  test('is one where it lies elsewhere, though its name is in the data folder', async () => {
    const data = join(fixture.root, 'data');
    await mkdir(data, { recursive: true });
    await mkdir(join(fixture.root, 'elsewhere'));
    await symlink(join(fixture.root, 'elsewhere'), join(data, 'backup'));
    await expect(openForBackup(join(data, 'backup'), data)).resolves.toBeDefined();
  });
});

describe('a backup that is cut off', () => {
  test('leaves the one before whole, wherever that was', { timeout: 120_000 }, async () => {
    await fixture.make();
    const before = [...fixture.contents];
    await fixture.addBlob('three');
    let wasOld = 0;
    for (let nth = 1; ; nth += 1) {
      const open = await openForBackup(fixture.folder.path, join(fixture.root, 'data'));
      const killed = await fixture.make({}, { ...open, driver: dying(open.driver, nth) }).then(
        () => false,
        () => true,
      );
      const target = await fixture.newHome();
      expect((await fixture.bring(target)).lost).toEqual([]);
      const found = await fixture.contentsOf(target);
      if (found.length === before.length) wasOld += 1;
      await fixture.expectToHold(target, found.length === before.length ? before : fixture.contents);
      await rm(target.data, { recursive: true });
      if (!killed) break;
    }
    expect(wasOld).toBeGreaterThan(10);
  });

  test('where it copies the database too', async () => {
    await fixture.make();
    await mkdir(join(fixture.folder.path, 'berth.db.new'));
    await expect(fixture.make()).rejects.toThrow('berth.db.new');
    expect(await fixture.bring(await fixture.newHome())).toMatchObject({ blobs: 3, lost: [] });
  });

  test('is no backup where it was the first', async () => {
    await expect(
      fixture.make({}, { ...fixture.folder, driver: dying(fixture.folder.driver, 12) }),
    ).rejects.toThrow('killed');
    await expect(fixture.bring(await fixture.newHome())).rejects.toThrow('holds no finished backup');
    await openForBackup(fixture.folder.path, join(fixture.root, 'data'));
    await fixture.make();
    expect(await fixture.bring(await fixture.newHome())).toMatchObject({ blobs: 3, lost: [] });
  });
});
