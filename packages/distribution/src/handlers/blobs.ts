import { OciError, parseDigest } from '@berth/protocol';
import type { Reply } from '@berth/protocol/http';
import type { Exchange } from '../exchange.ts';
import { parseRange } from '../http/ranges.ts';
import type { BlobStore } from '../stores/blobs.ts';

/** OCI distribution specification 1.1, "Pulling blobs" and "Deleting Blobs". */
export function blobHandlers(blobs: BlobStore) {
  return {
    async get({ request, repository, argument }: Exchange): Promise<Reply> {
      const blob = await blobs.get(repository.name, parseDigest(argument));
      const headers = {
        'content-type': 'application/octet-stream',
        'docker-content-digest': blob.digest,
        etag: `"${blob.digest}"`,
        'accept-ranges': 'bytes',
      };
      const range = parseRange(request.headers.range, blob.size);
      if (range === 'unsatisfiable') {
        throw new OciError('RANGE_INVALID', { headers: { 'content-range': `bytes */${blob.size}` } });
      }
      if (range === undefined) {
        return {
          status: 200,
          headers: { ...headers, 'content-length': blob.size },
          body: blobs.read(blob, {}),
        };
      }
      const { start, end } = range;
      const partial = {
        'content-length': end - start,
        'content-range': `bytes ${start}-${end - 1}/${blob.size}`,
      };
      return { status: 206, headers: { ...headers, ...partial }, body: blobs.read(blob, range) };
    },

    async remove({ repository, argument }: Exchange): Promise<Reply> {
      await blobs.remove(repository.name, parseDigest(argument));
      return { status: 202 };
    },
  };
}
