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

/** Of every blob: what it really is, only the manifest that names it says. */
const type = 'application/octet-stream';

export interface BlobHandlersOptions {
  /** Whether a pull is redirected to a URL of the blob, where the driver has such URLs. */
  readonly redirect: boolean;
  /** The registry takes no pushes, so a HEAD cannot belong to one. */
  readonly readOnly: boolean;
}

/** OCI distribution specification 1.1, "Pulling blobs" and "Deleting Blobs". */
export function blobHandlers(blobs: BlobStore, { redirect, readOnly }: BlobHandlersOptions) {
  const whole = async (
    method: string | undefined,
    blob: Blob,
    headers: OutgoingHttpHeaders,
  ): Promise<Reply> => ({
    status: 200,
    headers: { ...headers, 'content-type': type, 'content-length': blob.size },
    body: method === 'HEAD' ? '' : await blobs.content(blob),
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

  /** No cache may keep the answer: its URL expires soon, and is for this client alone. */
  const elsewhere = (location: string, { digest }: Blob): Reply => {
    const headers = { location, 'docker-content-digest': digest, 'cache-control': 'private, no-store' };
    return { status: 307, headers };
  };

  /** Only for GET. Berth answers a HEAD itself: it knows size and digest, and a bucket does not know the digest. */
  const redirection = async ({ method }: IncomingMessage, blob: Blob): Promise<string | undefined> => {
    return redirect && method === 'GET' ? blobs.urlOf(blob, type) : undefined;
  };

  const mayBePushing = ({ request, access, repository }: Exchange) =>
    !readOnly && request.method === 'HEAD' && access.may(repository, 'push').allowed;

  return {
    async get(exchange: Exchange): Promise<Reply> {
      const { request, repository, argument } = exchange;
      const blob = await blobs.get(repository.name, parseDigest(argument));
      if (mayBePushing(exchange)) await blobs.use(blob);
      const validated = validate(exchange, blob.digest, 'digest');
      if (validated.notModified) return validated.notModified;
      const location = await redirection(request, blob);
      if (location !== undefined) return elsewhere(location, blob);
      const headers = { ...validated.headers, 'accept-ranges': 'bytes' };
      const ranges = rangesOf(request, blob);
      if (ranges === undefined) return whole(request.method, blob, headers);
      return ranges.length === 1 && ranges[0]
        ? one(blob, ranges[0], headers)
        : several(blob, ranges, headers);
    },

    /** A right to delete that is limited to tags does not cover blobs: no tag names one. */
    async remove({ access, repository, argument, record }: Exchange): Promise<Reply> {
      requireAllowed(access.deleteUntagged(repository));
      await blobs.remove(repository.name, parseDigest(argument), record);
      return { status: 202 };
    },
  };
}

/** Throws `RANGE_INVALID`, with the size, where nothing of the ranges is in the blob. Only GET knows ranges. */
function rangesOf(request: IncomingMessage, { digest, size }: Blob): readonly ByteRange[] | undefined {
  if (request.method !== 'GET' || request.headers.range === undefined) return undefined;
  if (!rangeStillValid(request.headersDistinct['if-range']?.[0], digest)) return undefined;
  const ranges = parseRanges(request.headers.range, size);
  if (ranges !== 'unsatisfiable') return ranges;
  throw new OciError('RANGE_INVALID', {
    message: `the blob has ${size} bytes`,
    headers: { 'content-range': `bytes */${size}` },
  });
}
