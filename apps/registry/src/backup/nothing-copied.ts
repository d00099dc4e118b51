import type { CopyReport } from '@berth/distribution/backup';

/** What there is to say where no blobs are copied. */
export const nothingCopied: CopyReport = {
  blobs: 0,
  bytes: 0,
  of: { blobs: 0, bytes: 0 },
  copied: 0,
  copiedBytes: 0,
  lost: [],
  quarantined: 0,
};
