import {
  digestParts,
  isDigestAlgorithm,
  isRepositoryName,
  OciError,
  parseDigest,
  type Digest,
  type DigestAlgorithm,
  type RepositoryName,
} from '@berth/protocol';
import type { Reply } from '@berth/protocol/http';
import type { Exchange } from '../exchange.ts';
import { parseChunkRange, receivedRange } from '../http/ranges.ts';
import type { UploadKey } from '../metadata/uploads.ts';
import type { BlobStore } from '../stores/blobs.ts';
import { OutOfOrder, type AppendOptions, type UploadStore } from '../stores/uploads.ts';
import { checkAgain, checkCreate } from './create.ts';

export interface UploadServices {
  readonly uploads: UploadStore;
  readonly blobs: BlobStore;
}

/** OCI distribution specification 1.1, "Pushing blobs". */
export function uploadHandlers({ uploads, blobs }: UploadServices) {
  /**
   * A source that may not be pulled is answered like one that does not exist: with a session (rule 13). What counts here
   * are the rights of the account, as far as its credential allows, and not the scopes of the token: many clients ask for
   * a token that names only the target.
   */
  async function mounted({ access, query, repository }: Exchange): Promise<Digest | undefined> {
    const mount = query.get('mount');
    const from = query.get('from') ?? undefined;
    if (mount === null || (from !== undefined && !isRepositoryName(from))) return undefined;
    const digest = parseDigest(mount);
    const source = { from, readable: access.readable() };
    return (await blobs.mount(digest, source, repository.name)) ? digest : undefined;
  }

  return {
    async start(exchange: Exchange): Promise<Reply> {
      const { repository, access, query, request } = exchange;
      checkCreate(exchange);
      const digest = await mounted(exchange);
      if (digest !== undefined) return created(repository.name, digest);
      const whole = query.get('digest');
      const expected = whole === null ? undefined : parseDigest(whole);
      const algorithm = algorithmOf(query, expected);
      const key = await uploads.start(repository.name, access.account?.id ?? null, algorithm);
      if (expected === undefined) return session(202, key, 0);
      await uploads.finish(key, expected, request, { arrived: () => checkAgain(exchange) });
      return created(repository.name, expected);
    },

    async status(exchange: Exchange): Promise<Reply> {
      const key = keyOf(exchange);
      return session(204, key, await uploads.offset(key));
    },

    async append(exchange: Exchange): Promise<Reply> {
      const key = keyOf(exchange);
      return inOrder(key, async () =>
        session(202, key, await uploads.append(key, exchange.request, chunkOf(exchange))),
      );
    },

    async finish(exchange: Exchange): Promise<Reply> {
      // The repository may have been deleted since the upload began.
      checkCreate(exchange);
      const key = keyOf(exchange);
      const digest = parseDigest(exchange.query.get('digest') ?? '');
      return inOrder(key, async () => {
        const arrived = () => checkAgain(exchange);
        await uploads.finish(key, digest, exchange.request, { ...chunkOf(exchange), arrived });
        return created(key.repository, digest);
      });
    },

    async cancel(exchange: Exchange): Promise<Reply> {
      await uploads.cancel(keyOf(exchange));
      return { status: 204 };
    },
  };
}

function keyOf({ access, repository, argument }: Exchange): UploadKey {
  return { id: argument, repository: repository.name, accountId: access.account?.id ?? null };
}

/** `digest-algorithm`: OCI distribution specification, main, "Pushing a blob in chunks". Throws `DIGEST_INVALID`. */
function algorithmOf(query: URLSearchParams, expected: Digest | undefined): DigestAlgorithm {
  if (expected !== undefined) return digestParts(expected).algorithm;
  const named = query.get('digest-algorithm') ?? 'sha256';
  if (isDigestAlgorithm(named)) return named;
  throw new OciError('DIGEST_INVALID', { message: 'digest-algorithm is neither sha256 nor sha512' });
}

/** Where the chunk says that it begins. Throws `RANGE_INVALID` and `SIZE_INVALID`. */
function chunkOf({ request }: Exchange): AppendOptions {
  const header = request.headers['content-range'];
  if (header === undefined) return {};
  const range = parseChunkRange(header);
  if (range === undefined) {
    throw new OciError('RANGE_INVALID', { message: 'Content-Range is not <start>-<end>', status: 400 });
  }
  const length = request.headers['content-length'];
  if (length !== undefined && Number(length) !== range.end - range.start) {
    throw new OciError('SIZE_INVALID', { message: 'Content-Length is not the length of Content-Range' });
  }
  return { start: range.start };
}

/** A chunk out of order is 416 and tells where to go on. */
async function inOrder(key: UploadKey, work: () => Promise<Reply>): Promise<Reply> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof OutOfOrder)) throw error;
    throw new OciError('RANGE_INVALID', {
      message: error.message,
      headers: sessionHeaders(key, error.offset),
    });
  }
}

function session(status: number, key: UploadKey, offset: number): Reply {
  return { status, headers: sessionHeaders(key, offset) };
}

function sessionHeaders({ id, repository }: UploadKey, offset: number) {
  return {
    location: `/v2/${repository}/blobs/uploads/${id}`,
    range: receivedRange(offset),
    'docker-upload-uuid': id,
  };
}

function created(name: RepositoryName, digest: Digest): Reply {
  return {
    status: 201,
    headers: { location: `/v2/${name}/blobs/${digest}`, 'docker-content-digest': digest },
  };
}
