/** An `Authorization` header, parsed. */
export type Authorization =
  | { readonly scheme: 'none' }
  /** Also what has no password: podman sends `Basic Og==` where it has no account (rule 32). */
  | { readonly scheme: 'anonymous' }
  | { readonly scheme: 'basic'; readonly user: string; readonly secret: string }
  | { readonly scheme: 'bearer'; readonly token: string }
  | { readonly scheme: 'malformed' };

const base64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** RFC 7617 for Basic, with UTF-8; RFC 6750 for Bearer. The scheme is case-insensitive. */
export function parseAuthorization(header: string | undefined): Authorization {
  if (header === undefined || header === '') return { scheme: 'none' };
  const [, scheme = '', value = ''] = /^(\S+) +(\S+) *$/.exec(header) ?? [];
  switch (scheme.toLowerCase()) {
    case 'basic':
      return parseBasic(value);
    case 'bearer':
      return { scheme: 'bearer', token: value };
    default:
      return { scheme: 'malformed' };
  }
}

function parseBasic(value: string): Authorization {
  const text = base64.test(value) ? Buffer.from(value, 'base64').toString('utf8') : '';
  const colon = text.indexOf(':');
  if (colon < 0) return { scheme: 'malformed' };
  const secret = text.slice(colon + 1);
  return secret === '' ? { scheme: 'anonymous' } : { scheme: 'basic', user: text.slice(0, colon), secret };
}
