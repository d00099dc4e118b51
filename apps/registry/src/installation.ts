import { createRequire } from 'node:module';

/** Of Berth, from its package. */
export const version: string = createRequire(import.meta.url)('../package.json').version;

/** A clone runs its sources; what was built, such as the image, is installed. */
export const isInstalled: boolean = import.meta.filename.endsWith('.js');

/** What a person types. */
const command = isInstalled ? 'berth' : 'pnpm berth';

/** The same for a Berth that was started with a file which no command finds by itself: without it, it would work on another. */
export function commandWith(file: string | undefined): string {
  if (file === undefined) return command;
  return `${command} --config ${/^[\w./-]+$/.test(file) ? file : `'${file.replaceAll("'", String.raw`'\''`)}'`}`;
}
