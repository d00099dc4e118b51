/** The parts of a request's target; the path is not decoded. */
export interface RequestTarget {
  readonly path: string;
  readonly query: URLSearchParams;
}

/** Of most requests; nobody changes it. */
const noQuery = new URLSearchParams();

/** A target may be a whole URL: RFC 9112, section 3.2.2. */
export function parseTarget(target: string): RequestTarget {
  const origin = target.startsWith('/') ? target : target.replace(/^https?:\/\/[^/?#]*/i, '');
  const question = origin.indexOf('?');
  if (question < 0) return { path: origin, query: noQuery };
  return { path: origin.slice(0, question), query: new URLSearchParams(origin.slice(question + 1)) };
}
