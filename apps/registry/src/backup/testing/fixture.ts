import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StorageDriver } from '@berth/storage';
import { filesystemDriver } from '@berth/storage-filesystem';
import { readFile, writeFile } from '@berth/storage/testing';
import { expect } from 'vitest';
import { loadConfiguration, type Configuration } from '../../config/index.ts';
import { silentLogger } from '../../logging.ts';
import { openParts, type Parts } from '../../parts.ts';
import { backUp, type BackUpOptions, type BackupReport } from '../back-up.ts';
import { openForBackup, type BackupFolder } from '../folder.ts';
import { restore, type RestoreOptions, type RestoreReport, type Target } from '../restore.ts';

const none = { signal: new AbortController().signal, progress: () => {} };

/** Where a backup is brought back to. */
export interface NewHome extends Target {
  readonly data: string;
  readonly storage: StorageDriver;
}

/** A Berth with three blobs, and a folder for its backup. */
export class BackupFixture {
  readonly root: string;
  readonly parts: Parts;
  readonly folder: BackupFolder;
  /** Of all blobs. */
  readonly contents: string[] = [];
  #homes = 0;

  private constructor(root: string, parts: Parts, folder: BackupFolder) {
    this.root = root;
    this.parts = parts;
    this.folder = folder;
  }

  static async open(): Promise<BackupFixture> {
    const root = await mkdtemp(join(tmpdir(), 'berth-backup-'));
    const parts = await openParts(configurationOf(root, join(root, 'data')), silentLogger());
    const folder = await openForBackup(join(root, 'backup'), join(root, 'data'));
    const fixture = new BackupFixture(root, parts, folder);
    for (const content of ['one', 'two', 'x'.repeat(5000)]) await fixture.addBlob(content);
    return fixture;
  }

  async close(): Promise<void> {
    await this.parts.close();
    await rm(this.root, { recursive: true });
  }

  /** As a push leaves it. */
  async addBlob(content: string): Promise<void> {
    const { storage, database } = this.parts;
    const hex = createHash('sha256').update(content).digest('hex');
    const path = `docker/registry/v2/blobs/sha256/${hex.slice(0, 2)}/${hex}/data`;
    const row = { digest: `sha256:${hex}`, size: content.length, path, created_at: 1, quarantined_at: null };
    await writeFile(storage!, path, Buffer.from(content));
    await database.transaction((trx) => trx.insertInto('blob').values(row).execute());
    this.contents.push(content);
  }

  make(more: Partial<BackUpOptions> = {}, folder: BackupFolder = this.folder): Promise<BackupReport> {
    const options = { databaseOnly: false, prune: false, verify: false, ...none, ...more };
    return backUp(this.parts, folder, options);
  }

  async newHome(): Promise<NewHome> {
    const data = join(this.root, `restored-${(this.#homes += 1)}`);
    await mkdir(data);
    const configuration = configurationOf(this.root, data);
    return {
      data,
      file: join(data, 'berth.db'),
      storage: filesystemDriver({ rootDirectory: data }),
      open: (database) => openParts({ ...configuration, database }, silentLogger()),
    };
  }

  bring(home: Target, more: Partial<RestoreOptions> = {}): Promise<RestoreReport> {
    return restore(this.folder.path, home, { keepBlobs: false, verify: false, ...none, ...more });
  }

  /** Opens what was restored. */
  openHome({ data }: NewHome): Promise<Parts> {
    return openParts(configurationOf(this.root, data), silentLogger());
  }

  /** The contents of all blobs that the restored database knows, out of its storage. */
  async contentsOf(home: NewHome): Promise<string[]> {
    const parts = await this.openHome(home);
    try {
      const rows = await parts.database.reader.selectFrom('blob').select('path').execute();
      return await Promise.all(rows.map(async ({ path }) => (await readFile(home.storage, path)).toString()));
    } finally {
      await parts.close();
    }
  }

  async expectToHold(home: NewHome, expected: readonly string[]): Promise<void> {
    expect((await this.contentsOf(home)).sort()).toEqual([...expected].sort());
  }
}

function configurationOf(root: string, data: string): Configuration {
  const env = { REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY: data };
  return loadConfiguration({ env, cwd: root, systemPaths: [] }).configuration;
}
