import { nativeError } from '../errors.ts';
import { isMadeOf } from '../file-state.ts';
import { abortUpload, completeUpload, type Part, type UploadReference } from '../multipart.ts';
import { deleteObject, headObject } from '../objects.ts';
import type { Destination } from './s3-writer.ts';
import { overtaken, writeSmallFile } from './small-objects.ts';

/** Makes the parts an object, the file. An upload without parts cannot be completed: that file is empty. */
export async function finishUpload(
  to: Destination,
  upload: UploadReference,
  parts: readonly Part[],
  { hasTail }: { readonly hasTail: boolean },
): Promise<void> {
  if (parts.length > 0) {
    await complete(to, upload, parts);
  } else {
    await writeSmallFile(to, new Uint8Array(0));
    await abortUpload(to.bucket, upload);
  }
  // A tail that stays belongs to no upload: it counts for nothing, and a sweep finds it.
  if (hasTail) await deleteObject(to.bucket, to.bucket.keys.tail(to.path)).catch(() => undefined);
}

/** An answer that was lost is asked for again, and then the upload is gone: what it has become is looked at. */
async function complete(
  { bucket, path }: Destination,
  upload: UploadReference,
  parts: readonly Part[],
): Promise<void> {
  try {
    await completeUpload(bucket, upload, parts, { ifNew: true });
  } catch (error) {
    const { name, status } = nativeError(error);
    if (name !== 'NoSuchUpload' && status !== 412) throw error;
    const there = await headObject(bucket, upload.key);
    if (!there || !isMadeOf(there, parts)) throw overtaken(path, error);
  }
}
