import type { OutgoingHttpHeaders } from 'node:http';
import type { Digest, Reference } from '@berth/protocol';
import type { Reply } from '@berth/protocol/http';
import type { Exchange } from '../exchange.ts';
import { cacheControl } from '../http/caching.ts';
import { conditionsOf, entityTag, precondition, preconditionFailed } from '../http/conditions.ts';

/** What every answer about existing content carries, and the answer that needs no body, where the client has it. */
export interface Validated {
  readonly headers: OutgoingHttpHeaders;
  readonly notModified?: Reply;
}

/** Throws 412 where `If-Match` names something else. `kind` is how the client named the content. */
export function validate(
  { request, repository }: Pick<Exchange, 'request' | 'repository'>,
  digest: Digest,
  kind: Reference['kind'],
): Validated {
  const headers = {
    'docker-content-digest': digest,
    etag: entityTag(digest),
    'cache-control': cacheControl(repository, kind),
  };
  const condition = precondition(conditionsOf(request.headers), digest);
  if (condition === 'failed') throw preconditionFailed();
  return condition === 'same' ? { headers, notModified: { status: 304, headers } } : { headers };
}
