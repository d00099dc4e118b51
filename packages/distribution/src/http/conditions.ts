import type { IncomingHttpHeaders } from 'node:http';
import { OciError, type Digest } from '@berth/protocol';

/** What a client may make its request depend on; the entity tag of everything is its digest in quotes. */
export interface Conditions {
  readonly ifMatch: string | undefined;
  readonly ifNoneMatch: string | undefined;
}

export function conditionsOf(headers: IncomingHttpHeaders): Conditions {
  return { ifMatch: headers['if-match'], ifNoneMatch: headers['if-none-match'] };
}

export function entityTag(digest: Digest): string {
  return `"${digest}"`;
}

/**
 * Whether a request goes on, where `current` is what is there now: RFC 9110, section 13.2.2. Docker's clients and the
 * original registry write the digest without quotes too.
 */
export function precondition(
  conditions: Conditions,
  current: Digest | undefined,
): 'holds' | 'same' | 'failed' {
  const { ifMatch, ifNoneMatch } = conditions;
  if (ifMatch !== undefined && !lists(ifMatch, current, 'strong')) return 'failed';
  if (ifNoneMatch !== undefined && lists(ifNoneMatch, current, 'weak')) return 'same';
  return 'holds';
}

/** `DENIED`, since the specification of the registry has no code for 412. */
export function preconditionFailed(): OciError {
  return new OciError('DENIED', {
    status: 412,
    message: 'what is there now is not what If-Match or If-None-Match says',
  });
}

/** `If-Range`: RFC 9110, section 13.1.5. A date never matches, since nothing has one. */
export function rangeStillValid(header: string | undefined, current: Digest): boolean {
  return header === undefined || header.trim() === entityTag(current);
}

/** A weak tag in `If-Match` matches nothing; in `If-None-Match` it is compared by what it names. */
function lists(header: string, current: Digest | undefined, comparison: 'strong' | 'weak'): boolean {
  if (current === undefined) return false;
  if (header.trim() === '*') return true;
  return header.split(',').some((item) => {
    const tag = comparison === 'weak' ? item.trim().replace(/^W\//, '') : item.trim();
    return tag === entityTag(current) || tag === current;
  });
}
