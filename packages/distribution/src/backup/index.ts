export { backUpBlobs, oldBlobs, removeBlobs, writeBlobList, type BackUpOptions } from './back-up-blobs.ts';
export { holdDeletions } from './hold.ts';
export { hasBlobs, restoreBlobs, type RestoreOptions } from './restore-blobs.ts';
export type { DamagedBlob } from '../metadata/integrity.ts';
export type { CopyReport } from './tally.ts';
export { forgetUnfinished } from './unfinished.ts';
