import { createRequire } from 'node:module';

/** Of Berth, from its package. */
export const version: string = createRequire(import.meta.url)('../package.json').version;
