import type { Bucket } from '../bucket.ts';
import { copyIntoUpload } from '../copy.ts';
import type { FileState } from '../file-state.ts';
import { abortUpload, createUpload, listUploads, type UploadReference } from '../multipart.ts';
import { deleteObject, getObject, type StoredObject } from '../objects.ts';
import type { PartBuffer } from './part-buffer.ts';
import { partSize } from './part-sizes.ts';
import { PartUploader } from './part-uploader.ts';
import type { Destination } from './s3-writer.ts';

/** Of what is copied by the server when a finished file is continued: large, but done within the time-out. */
const COPIED_PART = 512 * 1024 * 1024;
const COPIES_AT_ONCE = 4;

/**
 * Gets the file ready for more: what is too short for a part comes into `buffer`, and the uploader of what is longer is the
 * answer. What other writers have left open is ended, so that they notice.
 */
export async function resumeFile(
  to: Destination,
  state: FileState,
  buffer: PartBuffer,
): Promise<PartUploader | undefined> {
  const { bucket, path, chunkSize } = to;
  switch (state.kind) {
    case 'none':
      return undefined;
    case 'object': {
      const { object, upload } = state;
      if (upload) await abortUpload(bucket, upload);
      if (object.size >= partSize(chunkSize, 1)) return continueObject(to, object);
      await load(bucket, bucket.keys.file(path), object, buffer);
      return undefined;
    }
    case 'upload': {
      const { upload, parts, tail, object } = state;
      await abortOthers(bucket, upload);
      if (object) await deleteObject(bucket, upload.key);
      if (tail) await load(bucket, bucket.keys.tail(path), tail, buffer);
      return new PartUploader(bucket, chunkSize, upload, parts);
    }
  }
}

async function load(
  bucket: Bucket,
  key: string,
  { etag, size }: StoredObject,
  into: PartBuffer,
): Promise<void> {
  into.append(await getObject(bucket, key, etag), size);
}

/** A finished file of a part or more becomes the first parts of an upload, without coming here. */
async function continueObject(
  { bucket, path, chunkSize }: Destination,
  object: StoredObject,
): Promise<PartUploader> {
  const upload = await createUpload(bucket, bucket.keys.file(path));
  const source = { key: upload.key, etag: object.etag, size: object.size };
  const how = { chunkSize: COPIED_PART, concurrency: COPIES_AT_ONCE };
  const parts = await copyIntoUpload(bucket, upload, source, how);
  await deleteObject(bucket, upload.key);
  return new PartUploader(bucket, chunkSize, upload, parts);
}

async function abortOthers(bucket: Bucket, { key, id }: UploadReference): Promise<void> {
  for await (const other of listUploads(bucket, key)) {
    if (other.key === key && other.id !== id) await abortUpload(bucket, other);
  }
}
