import type { StorageDriver, StorageOptions } from '@berth/storage';

/** Writes the bytes of a file. `undefined` where there is to be no file. */
export type Produce<Result> = (write: (chunk: Uint8Array) => Promise<void>) => Promise<Result | undefined>;

export interface WholeFile {
  readonly path: string;
  /** Where it is written before it is moved to `path`, or `path` itself. */
  readonly part: string;
}

/** Writes a file that is there whole or not at all: not where `produce` answers `undefined`, or rejects. */
export async function writeWhole<Result>(
  storage: StorageDriver,
  { path, part }: WholeFile,
  produce: Produce<Result>,
  options: StorageOptions = {},
): Promise<Result | undefined> {
  let whole = false;
  try {
    const result = await writePart(storage, part, produce, options);
    if (result === undefined) return undefined;
    if (part !== path) await storage.move(part, path, options);
    whole = true;
    return result;
  } finally {
    if (!whole) await storage.delete(part).catch(() => undefined);
  }
}

async function writePart<Result>(
  storage: StorageDriver,
  part: string,
  produce: Produce<Result>,
  options: StorageOptions,
): Promise<Result | undefined> {
  const writer = await storage.append(part, options);
  try {
    const result = await produce((chunk) => writer.write(chunk));
    await writer.close({ sync: result !== undefined });
    return result;
  } finally {
    await writer.close().catch(() => undefined);
  }
}
