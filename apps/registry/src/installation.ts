import { createRequire } from 'node:module';

/** Of Berth, from its package. */
export const version: string = createRequire(import.meta.url)('../package.json').version;

/** A clone runs its sources; what was built, such as the image, is installed. */
export const isInstalled: boolean = import.meta.filename.endsWith('.js');

/** What a person types. */
export const command: string = isInstalled ? 'berth' : 'pnpm berth';
