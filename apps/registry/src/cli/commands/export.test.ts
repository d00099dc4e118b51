import { lines, ok, testCommands } from '../testing/commands.ts';

const nothing = {
  repositories: 1,
  blobs: 2,
  manifests: 3,
  tags: 4,
  written: 0,
  copied: 0,
  copiedBytes: 0,
  removed: { count: 0, first: [] },
  skipped: [],
};
const job = (report: object, more: object = {}) =>
  ok({ id: 'j1', kind: 'export', state: 'done', options: {}, report, startedBy: 'admin', ...more }, 202);

testCommands([
  {
    args: 'export',
    asks: [['POST /export', { dryRun: false }]],
    answers: [job(nothing)],
    prints: lines(
      '1 repository, 3 manifests, 4 tags and 2 links to blobs are exported.',
      '0 files written, 0 links of what is gone removed.',
    ),
  },
  {
    args: 'export --dry-run',
    asks: [['POST /export', { dryRun: true }]],
    answers: [
      job({
        ...nothing,
        written: 5,
        copied: 6,
        copiedBytes: 7_000_000,
        removed: { count: 1, first: ['a/link'] },
        skipped: [{ reason: 'sha512', text: 'not kept', count: 1, first: ['blob b of app'] }],
      }),
    ],
    prints: lines(
      'to remove: a/link',
      'left out: blob b of app: not kept',
      '1 repository, 3 manifests, 4 tags and 2 links to blobs are exported.',
      '5 files would be written, 1 link of what is gone would be removed.',
      '6 blobs would be copied, 7.0 MB.',
      '1 left out: not kept.',
    ),
  },
  {
    args: 'export',
    asks: [['POST /export', { dryRun: false }]],
    answers: [job({}, { state: 'failed', error: 'this storage was not imported' })],
    complains: 'the job failed: this storage was not imported',
    code: 1,
  },
]);
