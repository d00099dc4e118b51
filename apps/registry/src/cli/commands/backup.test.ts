import { expect, test } from 'vitest';
import { run } from '../testing/hosts.ts';
import type { BackupRequest, RestoreRequest } from '../hosts.ts';

const of = { blobs: 3, bytes: 2_500_000 };
const counts = { ...of, of, copied: 1, copiedBytes: 1000, lost: [], quarantined: 0 };
const time = '2026-11-23T02:30:00.000Z';
const backup = { ...counts, time, databaseOnly: false, old: 0, pruned: 0 };
const restored = { ...counts, time, databaseOnly: false };
const lost = [{ digest: 'sha256:abc', reason: 'its file is missing', repositories: ['team/app'] }];

async function backUp(args: string, report: object = {}) {
  const requests: BackupRequest[] = [];
  const overrides = {
    backup: async (request: BackupRequest) => {
      requests.push(request);
      return { ...backup, ...report };
    },
  };
  return { ...(await run(args.split(' '), { overrides })), requests };
}

async function bringBack(args: string, report: object = {}) {
  const requests: RestoreRequest[] = [];
  const overrides = {
    restore: async (request: RestoreRequest) => {
      requests.push(request);
      return { ...restored, ...report };
    },
  };
  return { ...(await run(args.split(' '), { overrides })), requests };
}

test('berth backup says what it has made', async () => {
  const { stdout, stderr, code, requests } = await backUp('backup --prune --config c.yml /mnt/b', {
    old: 2,
    pruned: 2,
  });
  expect(stdout).toBe(
    '/mnt/b is the registry of 2026-11-23 02:30 UTC.\n' +
      'It has the database and 3 blobs (2.5 MB), 1 of them new (1.0 kB).\n' +
      'Removed: 2 blobs of earlier backups.\n',
  );
  expect([code, stderr]).toEqual([0, '']);
  const asked = { folder: '/mnt/b', config: 'c.yml', prune: true, databaseOnly: false, verify: false };
  expect(requests).toEqual([expect.objectContaining(asked)]);
});

test('berth backup --database-only says that the blobs are elsewhere', async () => {
  const { stdout, requests } = await backUp('backup --database-only /mnt/b', { databaseOnly: true });
  expect(stdout).toContain(
    'It has the database and the list of 3 blobs (2.5 MB), without the blobs themselves.',
  );
  expect(requests).toEqual([expect.objectContaining({ databaseOnly: true })]);
});

test('berth backup fails where a blob is damaged, and says which', async () => {
  const { stdout, stderr, code } = await backUp('backup /mnt/b', { lost, quarantined: 1, old: 4 });
  expect(stdout).toContain('damaged, not in the backup: sha256:abc: its file is missing (team/app)');
  expect(stdout).toContain('1 blob was in quarantine before and is not in the backup.');
  expect(stdout).toContain('Kept: 4 blobs of earlier backups only (--prune removes them).');
  expect(stderr).toBe('berth: damaged blobs that are not in the backup: 1\n');
  expect(code).toBe(1);
});

test('berth backup --json prints the whole report', async () => {
  const { stdout } = await backUp('--json backup /mnt/b');
  expect(JSON.parse(stdout)).toEqual(backup);
});

test('berth restore says what is back, and what is not', async () => {
  const good = await bringBack('restore --keep-blobs /mnt/b');
  expect(good.stdout).toBe(
    'The registry of 2026-11-23 02:30 UTC is back, with 3 blobs (2.5 MB).\n' +
      'Copied: 1 of them (1.0 kB). Start it with: berth serve\n',
  );
  expect(good.code).toBe(0);
  expect(good.requests).toEqual([
    expect.objectContaining({ folder: '/mnt/b', keepBlobs: true, verify: false }),
  ]);
  const bad = await bringBack('restore /mnt/b', { lost });
  expect(bad.stdout).toContain('missing: sha256:abc: its file is missing (team/app)');
  expect(bad.stderr).toBe('berth: missing blobs, which are in quarantine now: 1\n');
  expect(bad.code).toBe(1);
});

test.each([
  ['--server http://localhost backup /mnt/b', 'on its machine'],
  ['restore --server http://localhost /mnt/b', 'on its machine'],
  ['backup --database-only --prune /mnt/b', 'leaves blobs alone'],
  ['backup ', 'the name of the folder is empty'],
  ['restore ', 'the name of the folder is empty'],
  ['backup', "missing required argument 'folder'"],
  ['restore', "missing required argument 'folder'"],
])('berth %s is wrongly written', async (args, complaint) => {
  const { code, stderr, requests } = args.includes('backup') ? await backUp(args) : await bringBack(args);
  expect([code, requests]).toEqual([2, []]);
  expect(stderr).toContain(complaint);
});

test('berth backup is refused where BERTH_SERVER names another machine', async () => {
  const { code, stderr } = await run(['backup', '/mnt/b'], { environment: { server: 'http://elsewhere' } });
  expect(code).toBe(2);
  expect(stderr).toContain('BERTH_SERVER');
});
