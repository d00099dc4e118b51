import type { IncomingMessage } from 'node:http';
import { OciError, parseDigest } from '@berth/protocol';
import type { Reply } from '@berth/protocol/http';
import type { Exchange } from '../exchange.ts';
import { cacheControl } from '../http/caching.ts';
import {
  conditionsOf,
  entityTag,
  precondition,
  preconditionFailed,
  rangeStillValid,
} from '../http/conditions.ts';
import { parseRange, type ByteRange } from '../http/ranges.ts';
import type { Blob } from '../metadata/blobs.ts';
import type { BlobStore } from '../stores/blobs.ts';
import { requireAllowed } from '../stores/tag-rules.ts';

/** OCI distribution specification 1.1, "Pulling blobs" and "Deleting Blobs". */
export function blobHandlers(blobs: BlobStore) {
  return {
    async get({ request, repository, argument }: Exchange): Promise<Reply> {
      const blob = await blobs.get(repository.name, parseDigest(argument));
      const { digest, size } = blob;
      const known = {
        'docker-content-digest': digest,
        etag: entityTag(digest),
        'cache-control': cacheControl(repository, 'digest'),
      };
      const condition = precondition(conditionsOf(request.headers), digest);
      if (condition === 'same') return { status: 304, headers: known };
      if (condition === 'failed') throw preconditionFailed();
      const headers = { ...known, 'content-type': 'application/octet-stream', 'accept-ranges': 'bytes' };
      const range = rangeOf(request, blob);
      if (range === undefined) {
        return { status: 200, headers: { ...headers, 'content-length': size }, body: blobs.read(blob, {}) };
      }
      const { start, end } = range;
      const part = { 'content-length': end - start, 'content-range': `bytes ${start}-${end - 1}/${size}` };
      return { status: 206, headers: { ...headers, ...part }, body: blobs.read(blob, range) };
    },

    /** No tag names a blob. */
    async remove({ access, repository, argument }: Exchange): Promise<Reply> {
      requireAllowed(access.deleteUntagged(repository));
      await blobs.remove(repository.name, parseDigest(argument));
      return { status: 202 };
    },
  };
}

/** Throws `RANGE_INVALID`, with the size, where nothing of the range is in the blob. */
function rangeOf(request: IncomingMessage, { digest, size }: Blob): ByteRange | undefined {
  if (!rangeStillValid(request.headersDistinct['if-range']?.[0], digest)) return undefined;
  const range = parseRange(request.headers.range, size);
  if (range !== 'unsatisfiable') return range;
  throw new OciError('RANGE_INVALID', {
    message: `the blob has ${size} bytes`,
    headers: { 'content-range': `bytes */${size}` },
  });
}
