export type { FileSystem } from './file-system.ts';
export { filesystemDriver, type FilesystemDriverOptions } from './filesystem-driver.ts';
