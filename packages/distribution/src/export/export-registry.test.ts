import { parseReference, type Digest } from '@berth/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { importRegistry } from '../import/import-registry.ts';
import { checkStorage } from '../integrity/check.ts';
import {
  blobPath,
  layerFolder,
  repositoriesFolder,
  revisionFolder,
  tagFolder,
  tagIndexFolder,
} from '../layout.ts';
import { ManifestStore } from '../stores/manifests.ts';
import { UploadStore } from '../stores/uploads.ts';
import {
  bodyOf,
  digestOfBytes,
  imageOf,
  pushBlob,
  putOf,
  repositoryName,
  rightsTo,
  type Image,
} from '../testing/content.ts';
import { openFixture, type Fixture } from '../testing/fixture.ts';
import { putFile, readText, rowsOf, treeIn } from '../testing/tree.ts';
import { watchSyncs } from '../testing/unsynced.ts';
import { exportRegistry, type ExportOptions } from './export-registry.ts';
import type { ExportProgress } from './run.ts';

const app = repositoryName('team/app');
const config = digestOfBytes('{}');
const layer = digestOfBytes('a layer');
const image = imageOf(config, [layer]);
const second = imageOf(config, [], { annotations: { second: 'one' } });

let fixture: Fixture;
let tree: ReturnType<typeof treeIn>;

const open = async () => {
  fixture = await openFixture();
  tree = treeIn(fixture.context.storage);
};
beforeEach(open);
afterEach(() => fixture.close());

const manifests = () => new ManifestStore(fixture.context, { layers: 'all', children: 'all' });
const put = (tag: string, what: Image = image, name = app) => manifests().put(putOf(name, what, tag));
const remove = (reference: string) => {
  const rights = { tag: rightsTo(), untagged: { allowed: true } } as const;
  return manifests().remove(app, parseReference(reference), rights);
};
const run = (options?: ExportOptions) => exportRegistry(fixture.context, options);
const text = (path: string) => readText(fixture.context.storage, path);
const links = async () => (await fixture.files()).filter((path) => path.startsWith(repositoriesFolder));
const nothingElse = { copied: 0, copiedBytes: 0, removed: { count: 0, first: [] }, skipped: [] };

/** Two blobs, two manifests and two tags, pushed to Berth. */
async function pushAll(name = app): Promise<void> {
  const uploads = new UploadStore(fixture.context);
  await pushBlob(uploads, name, '{}');
  await pushBlob(uploads, name, 'a layer');
  await put('1', image, name);
  await put('2', second, name);
}

const linksOf = (name: typeof app) =>
  [
    layerFolder(name, config),
    layerFolder(name, layer),
    revisionFolder(name, image.digest),
    revisionFolder(name, second.digest),
    `${tagFolder(name, '1')}/current`,
    tagIndexFolder(name, '1', image.digest),
    `${tagFolder(name, '2')}/current`,
    tagIndexFolder(name, '2', second.digest),
  ]
    .map((folder) => `${folder}/link`)
    .sort();

/** What was imported is in the tree, and what it became was changed by pushes. */
async function importAll(): Promise<void> {
  await tree.layer(app, '{}');
  await tree.layer(app, 'a layer');
  await tree.manifest(app, image);
  await tree.tag(app, '1', image.digest);
  expect((await importRegistry(fixture.context)).kind).toBe('imported');
}

describe('what was pushed to Berth', () => {
  test('is written as registry:2 has it', async () => {
    await pushAll();
    expect(await run()).toEqual({
      dryRun: false,
      repositories: 1,
      blobs: 2,
      manifests: 2,
      tags: 2,
      written: 10,
      ...nothingElse,
    });
    expect(await links()).toEqual(linksOf(app));
    expect(await text(`${tagFolder(app, '1')}/current/link`)).toBe(image.digest);
    expect(await text(`${tagIndexFolder(app, '2', second.digest)}/link`)).toBe(second.digest);
    expect(await text(`${layerFolder(app, layer)}/link`)).toBe(layer);
    expect(await text(blobPath(image.digest))).toBe(image.payload.toString());
    expect((await fixture.files()).filter((path) => path.startsWith('berth/'))).toEqual([]);
  });

  test('can be imported again, and is the same', async () => {
    await pushAll();
    await pushAll(repositoryName('other'));
    const before = await rowsOf(fixture.context.database.reader);
    await run();
    const another = await openFixture();
    try {
      const storage = fixture.context.storage;
      const outcome = await importRegistry({ ...another.context, storage });
      expect(outcome).toMatchObject({ kind: 'imported', report: { skipped: [] } });
      const after = await rowsOf(another.context.database.reader);
      for (const table of ['blob', 'manifest_reference']) {
        expect(after[table]!.length).toBe(before[table]!.length);
      }
      expect(after['blob']).toEqual(before['blob']);
    } finally {
      await another.close();
    }
  });

  test('leaves no file that the check of storage does not know', async () => {
    await pushAll();
    await run();
    const check = checkStorage(fixture.context, { signal: new AbortController().signal, report() {} });
    expect(await check).toMatchObject({ unknownFiles: { count: 0 }, damagedBlobs: { count: 0 } });
    await remove(image.digest);
    const again = checkStorage(fixture.context, { signal: new AbortController().signal, report() {} });
    expect(await again).toMatchObject({ unknownFiles: { first: [blobPath(image.digest)] } });
  });

  test('a second time nothing has to be written', async () => {
    await pushAll();
    await run();
    expect(await run()).toMatchObject({ written: 0, tags: 2, removed: { count: 0 } });
  });

  test('is not imported by the next start, not even where all repositories are deleted', async () => {
    await pushAll();
    await run();
    await fixture.context.database.transaction((trx) => trx.deleteFrom('repository').execute());
    expect(await importRegistry(fixture.context)).toEqual({ kind: 'nothing' });
  });

  test('with a dry run nothing is written, and the numbers are the same', async () => {
    await pushAll();
    const before = await fixture.files();
    const dry = await run({ dryRun: true });
    expect(await fixture.files()).toEqual(before);
    expect(dry).toEqual({ ...(await run()), dryRun: true });
  });

  test('says how far it is', async () => {
    await pushAll();
    const seen: ExportProgress[] = [];
    await run({ progress: (progress) => void seen.push(progress) });
    expect(new Set(seen.map(({ phase }) => phase))).toEqual(new Set(['removing', 'copying', 'writing']));
    expect(seen.at(-1)).toEqual({ phase: 'writing', files: 6, repository: app });
  });
});

describe('what was changed since an import', () => {
  beforeEach(importAll);

  test('a moved tag names the new manifest, and its index both', async () => {
    await put('1', second);
    expect(await run()).toMatchObject({ written: 4, removed: { count: 0 } });
    expect(await text(`${tagFolder(app, '1')}/current/link`)).toBe(second.digest);
    expect(await links()).toContain(`${tagIndexFolder(app, '1', image.digest)}/link`);
  });

  test('a deleted tag goes with its folder, the manifest stays', async () => {
    await remove('1');
    const removed = [`${tagFolder(app, '1')}/current/link`, `${tagIndexFolder(app, '1', image.digest)}/link`];
    expect(await run()).toMatchObject({ removed: { count: 2, first: removed } });
    expect((await links()).filter((path) => path.includes('/tags/'))).toEqual([]);
    expect(await links()).toContain(`${revisionFolder(app, image.digest)}/link`);
  });

  test('a deleted manifest goes, also from the index of a tag that lives on; its bytes stay', async () => {
    await put('1', second);
    await run();
    await remove(image.digest);
    const removed = [
      `${tagIndexFolder(app, '1', image.digest)}/link`,
      `${revisionFolder(app, image.digest)}/link`,
    ];
    const report = await run();
    expect([...report.removed.first].sort()).toEqual(removed.sort());
    expect(await text(blobPath(image.digest))).toBe(image.payload.toString());
  });

  test('a deleted repository goes, and one below it stays', async () => {
    const below = repositoryName(`${app}/below`);
    await pushAll(below);
    await run();
    const { database } = fixture.context;
    await database.transaction((trx) => trx.deleteFrom('repository').where('name', '=', app).execute());
    const upload = `${repositoriesFolder}/${app}/_uploads/1/data`;
    await putFile(fixture.context.storage, upload, 'x');
    expect(await run({ dryRun: true })).toMatchObject({ removed: { count: 5 } });
    expect(await run()).toMatchObject({ removed: { count: 5 } });
    expect(await links()).toEqual([...linksOf(below), upload].sort());
    expect(await fixture.files()).toContain(blobPath(layer));
  });

  test('a link that is wrong is written again', async () => {
    await tree.link(`${tagFolder(app, '1')}/current`, second.digest);
    await tree.link(layerFolder(app, layer), '');
    await putFile(fixture.context.storage, blobPath(image.digest), '');
    expect(await run()).toMatchObject({ written: 3 });
    expect(await text(`${tagFolder(app, '1')}/current/link`)).toBe(image.digest);
    expect(await text(`${layerFolder(app, layer)}/link`)).toBe(layer);
    expect(await text(blobPath(image.digest))).toBe(image.payload.toString());
  });

  test('a blob in quarantine is not there', async () => {
    const { database } = fixture.context;
    const quarantine = { quarantined_at: 1 };
    await database.transaction((trx) =>
      trx.updateTable('blob').set(quarantine).where('digest', '=', layer).execute(),
    );
    expect(await run()).toMatchObject({ blobs: 1, removed: { count: 1 } });
    expect(await links()).not.toContain(`${layerFolder(app, layer)}/link`);
  });

  test('files that are none of a registry stay', async () => {
    await putFile(fixture.context.storage, `${repositoriesFolder}/notes.txt`, 'x');
    expect(await run()).toMatchObject({ removed: { count: 0 } });
    expect(await links()).toContain(`${repositoriesFolder}/notes.txt`);
  });
});

describe('what only registry:2 can serve', () => {
  const payload = Buffer.from(JSON.stringify({ schemaVersion: 1, name: app, fsLayers: [] }));
  const old = { digest: digestOfBytes(payload), payload };
  const oldLinks = [
    `${revisionFolder(app, old.digest)}/link`,
    `${tagFolder(app, 'old')}/current/link`,
    `${tagIndexFolder(app, 'old', old.digest)}/link`,
  ];

  beforeEach(async () => {
    await tree.manifest(app, old);
    await tree.tag(app, 'old', old.digest);
    await importAll();
  });

  test('stays as the import found it', async () => {
    expect(await run()).toMatchObject({ written: 0, removed: { count: 0 } });
    expect(await links()).toEqual(expect.arrayContaining(oldLinks));
  });

  test('but not a tag that was pushed since, and deleted', async () => {
    await put('old');
    await run();
    expect(await text(`${tagFolder(app, 'old')}/current/link`)).toBe(image.digest);
    await remove('old');
    await run();
    expect((await links()).filter((path) => path.includes('/old/'))).toEqual([]);
  });

  test('nor where the repository was deleted, and made again', async () => {
    const { database } = fixture.context;
    await database.transaction((trx) => trx.deleteFrom('repository').execute());
    fixture.pass(1000);
    await pushBlob(new UploadStore(fixture.context), app, '{}');
    await run();
    expect(await links()).toEqual([`${layerFolder(app, config)}/link`]);
  });
});

describe('blobs that lie elsewhere, as in S3', () => {
  const elsewhere = 'berth/uploads/0b1d';

  async function moveAway(digest: Digest, content: string): Promise<void> {
    await putFile(fixture.context.storage, elsewhere, content);
    await fixture.context.storage.delete(blobPath(digest));
    await fixture.context.database.transaction((trx) =>
      trx.updateTable('blob').set({ path: elsewhere }).where('digest', '=', digest).execute(),
    );
  }

  beforeEach(() => pushAll());

  test('are copied to where registry:2 looks for them, once', async () => {
    await moveAway(layer, 'a layer');
    expect(await run({ dryRun: true })).toMatchObject({ copied: 1, copiedBytes: 7 });
    expect(await run()).toMatchObject({ copied: 1, copiedBytes: 7, skipped: [] });
    expect(await text(blobPath(layer))).toBe('a layer');
    expect(await text(elsewhere)).toBe('a layer');
    expect(await run()).toMatchObject({ copied: 0, copiedBytes: 0 });
  });

  test('not where their bytes have another digest', async () => {
    await moveAway(layer, 'a lawyer');
    expect(await run()).toMatchObject({ copied: 0, skipped: [{ reason: 'wrong-bytes', count: 1 }] });
    expect(await fixture.files()).not.toContain(blobPath(layer));
    expect((await fixture.files()).filter((path) => path.startsWith('berth/'))).toEqual([elsewhere]);
  });

  test('not where they are missing', async () => {
    await moveAway(layer, 'a layer');
    await fixture.context.storage.delete(elsewhere);
    expect(await run()).toMatchObject({ copied: 0, skipped: [{ reason: 'missing-blob', count: 1 }] });
  });
});

test('what is known by a sha512 is left out and named', async () => {
  const sha512 = digestOfBytes('a layer', 'sha512');
  const uploads = new UploadStore(fixture.context);
  await uploads.finish(await uploads.start(app, null, 'sha512'), sha512, bodyOf('a layer'));
  expect(await run()).toMatchObject({
    blobs: 0,
    skipped: [{ reason: 'sha512', count: 1, first: [`blob ${sha512} of ${app}`] }],
  });
  expect(await links()).toEqual([]);
});

describe('refuses a tree that is not its own', () => {
  const conflict = expect.objectContaining({ code: 'CONFLICT' });

  test('one that was never imported', async () => {
    await pushAll();
    await tree.layer(repositoryName('other'), 'x');
    const before = await fixture.files();
    await expect(run()).rejects.toThrow(conflict);
    expect(await fixture.files()).toEqual(before);
  });

  test('one whose import is not finished', async () => {
    await tree.layer(app, '{}');
    fixture.interruptions.failNth(4);
    await expect(importRegistry(fixture.context)).rejects.toThrow('planned');
    await expect(run()).rejects.toThrow(conflict);
    expect((await links()).length).toBe(1);
  });
});

describe('interrupted anywhere, the next one does the rest', () => {
  async function prepare(): Promise<void> {
    await fixture.close();
    await open();
    await importAll();
    await pushAll(repositoryName('other'));
    await put('1', second);
    await remove(image.digest);
    const path = 'berth/uploads/0b1d';
    await putFile(fixture.context.storage, path, 'a layer');
    await fixture.context.storage.delete(blobPath(layer));
    await fixture.context.database.transaction((trx) =>
      trx.updateTable('blob').set({ path }).where('digest', '=', layer).execute(),
    );
  }

  const members = ['list', 'read', 'stat', 'append', 'write', 'close', 'move', 'delete'] as const;
  test.each(members)(
    'at every %s',
    async (member) => {
      await prepare();
      await run();
      const expected = await fixture.files();
      let failures = 0;
      for (let nth = 1; ; nth += 1) {
        await prepare();
        fixture.faults.failNth(nth, member, 'IO_ERROR');
        const failed = await run().catch((error: unknown) => error);
        if (fixture.faults.pending > 0) break;
        if (failed instanceof Error) failures += 1;
        await run();
        const left = (await fixture.files()).filter((path) => !expected.includes(path));
        expect(left.filter((path) => !path.startsWith('berth/uploads/'))).toEqual([]);
        expect(await fixture.files()).toEqual(expect.arrayContaining(expected));
        expect(await text(`${tagFolder(app, '1')}/current/link`)).toBe(second.digest);
      }
      expect(failures).toBeGreaterThan(0);
    },
    60_000,
  );

  test('and by a signal it says what it did until then', async () => {
    await prepare();
    const stop = new AbortController();
    const report = await run({ signal: stop.signal, progress: () => stop.abort() });
    expect(report.written).toBe(0);
    expect(report.removed.count).toBeGreaterThan(0);
  });
});

test('what an export has written survives a power cut', async () => {
  await pushAll();
  const { storage, unsynced } = watchSyncs(fixture.context.storage);
  await exportRegistry({ ...fixture.context, storage });
  expect(await links()).toHaveLength(linksOf(app).length);
  expect([...unsynced]).toEqual([]);
});
