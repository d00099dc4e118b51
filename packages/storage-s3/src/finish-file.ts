import { fileSize } from './file-state.ts';
import { openWriter, type Destination } from './writer/s3-writer.ts';

/** Makes an unfinished file an object: parts of an open upload cannot be read. `false` where there is no file. */
export async function finishFile(to: Destination, signal?: AbortSignal): Promise<boolean> {
  if ((await fileSize(to.bucket, to.path, signal)) === null) return false;
  const writer = await openWriter(to, signal);
  await writer.close({ sync: true });
  return true;
}
