import type { Bucket } from './bucket.ts';
import { abortUpload, listUploads } from './multipart.ts';
import { deleteObjects, listObjects } from './objects.ts';

/** The file or the folder at `path`, with uploads and tails. Uploads end first: they could still become objects. */
export async function deleteFiles(bucket: Bucket, path: string, signal?: AbortSignal): Promise<void> {
  const { keys } = bucket;
  for await (const upload of listUploads(bucket, keys.file(path), signal)) {
    if (upload.key === keys.file(path) || upload.key.startsWith(keys.below(path))) {
      await abortUpload(bucket, upload, signal);
    }
  }
  await deleteObjects(bucket, [keys.file(path), keys.tail(path)], signal);
  for await (const page of listObjects(bucket, keys.below(path), signal)) {
    const found = page.map(({ key }) => key);
    await deleteObjects(bucket, found, signal);
  }
}
