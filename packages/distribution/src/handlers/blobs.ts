import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { OciError, parseDigest } from '@berth/protocol';
import type { Reply } from '@berth/protocol/http';
import type { Exchange } from '../exchange.ts';
import { rangeStillValid } from '../http/conditions.ts';
import { multipart } from '../http/multipart.ts';
import { contentRange, parseRanges, type ByteRange } from '../http/ranges.ts';
import type { Blob } from '../metadata/blobs.ts';
import type { BlobStore } from '../stores/blobs.ts';
import { requireAllowed } from '../stores/tag-rules.ts';
import { validate } from './validators.ts';

/** What a blob is, its manifest says. */
const type = 'application/octet-stream';

/** OCI distribution specification 1.1, "Pulling blobs" and "Deleting Blobs". */
export function blobHandlers(blobs: BlobStore) {
  const whole = (blob: Blob, headers: OutgoingHttpHeaders): Reply => ({
    status: 200,
    headers: { ...headers, 'content-type': type, 'content-length': blob.size },
    body: blobs.read(blob, {}),
  });

  const one = (blob: Blob, range: ByteRange, headers: OutgoingHttpHeaders): Reply => {
    const part = {
      'content-length': range.end - range.start,
      'content-range': contentRange(range, blob.size),
    };
    return {
      status: 206,
      headers: { ...headers, 'content-type': type, ...part },
      body: blobs.read(blob, range),
    };
  };

  const several = (blob: Blob, ranges: readonly ByteRange[], headers: OutgoingHttpHeaders): Reply => {
    const { contentType, length, body } = multipart(ranges, blob.size, type, (range) =>
      blobs.read(blob, range),
    );
    return {
      status: 206,
      headers: { ...headers, 'content-type': contentType, 'content-length': length },
      body,
    };
  };

  return {
    async get(exchange: Exchange): Promise<Reply> {
      const { request, repository, argument } = exchange;
      const blob = await blobs.get(repository.name, parseDigest(argument));
      const validated = validate(exchange, blob.digest, 'digest');
      if (validated.notModified) return validated.notModified;
      const headers = { ...validated.headers, 'accept-ranges': 'bytes' };
      const ranges = rangesOf(request, blob);
      if (ranges === undefined) return whole(blob, headers);
      return ranges.length === 1 && ranges[0]
        ? one(blob, ranges[0], headers)
        : several(blob, ranges, headers);
    },

    /** No tag names a blob. */
    async remove({ access, repository, argument }: Exchange): Promise<Reply> {
      requireAllowed(access.deleteUntagged(repository));
      await blobs.remove(repository.name, parseDigest(argument));
      return { status: 202 };
    },
  };
}

/** Throws `RANGE_INVALID`, with the size, where nothing of the ranges is in the blob. Only GET knows ranges. */
function rangesOf(request: IncomingMessage, { digest, size }: Blob): readonly ByteRange[] | undefined {
  if (request.method !== 'GET' || !rangeStillValid(request.headersDistinct['if-range']?.[0], digest))
    return undefined;
  const ranges = parseRanges(request.headers.range, size);
  if (ranges !== 'unsatisfiable') return ranges;
  throw new OciError('RANGE_INVALID', {
    message: `the blob has ${size} bytes`,
    headers: { 'content-range': `bytes */${size}` },
  });
}
