import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StorageDriver } from '@berth/storage';
import { z } from 'zod';
import { files, whileNew } from './folder.ts';

/** The only form of a backup that there is yet. */
const format = 1;

const markerShape = z.object({
  format: z.number(),
  /** Of the Berth that made it. */
  version: z.string(),
  /** In ISO 8601: of this moment is all that is in it. */
  time: z.string(),
  /** The bytes of the blobs are elsewhere. */
  databaseOnly: z.boolean(),
  blobs: z.number(),
  bytes: z.number(),
  /** Blobs that are not in it, since they were damaged. */
  damaged: z.number(),
});

/** What `backup.json` says. */
export type Marker = z.infer<typeof markerShape>;

export async function writeMarker(driver: StorageDriver, marker: Omit<Marker, 'format'>): Promise<void> {
  const writer = await driver.append(whileNew(files.marker));
  try {
    await writer.write(Buffer.from(`${JSON.stringify({ format, ...marker }, null, 2)}\n`));
    await writer.close({ sync: true });
  } finally {
    await writer.close().catch(() => undefined);
  }
  await driver.move(whileNew(files.marker), files.marker);
}

/** Throws where there is no finished backup, or one of a newer Berth than `version`. */
export async function readMarker(folder: string, version: string): Promise<Marker> {
  const text = await readFile(join(folder, files.marker), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    throw new Error(`${folder} holds no finished backup: it has no ${files.marker}`, { cause: error });
  });
  const parsed = markerShape.safeParse(parseJson(text));
  if (!parsed.success) throw new Error(`${join(folder, files.marker)} is not what berth backup writes`);
  const marker = parsed.data;
  if (marker.format > format || isNewer(marker.version, version)) {
    throw new Error(
      `the backup was made by Berth ${marker.version}, and this is ${version}: install that one`,
    );
  }
  return marker;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** By their three numbers. */
export function isNewer(one: string, other: string): boolean {
  const numbers = (version: string) => version.split(/[.+-]/, 3).map(Number);
  const [ours, theirs] = [numbers(other), numbers(one)];
  const place = theirs.findIndex((number, index) => number !== ours[index]);
  return place >= 0 && theirs[place]! > (ours[place] ?? 0);
}
