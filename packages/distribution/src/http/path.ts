import type { Endpoint } from '../routes.ts';

/** What a path of the registry's API asks for; the name is not checked yet. */
export type Target =
  | { readonly kind: 'base' }
  | { readonly kind: 'catalog' }
  | {
      readonly kind: 'repository';
      readonly name: string;
      readonly endpoint: Endpoint;
      readonly argument: string;
    };

/**
 * The name is as long as it can be, since its parts may be words of the API too: `team/blobs/manifests/latest`; and so
 * may a tag: `team/app/manifests/blobs`.
 */
const expression = /^\/v2\/(.+)\/(blobs\/uploads|(?:manifests|blobs|referrers|tags)(?=\/))(?:\/([^/]*))?$/;

/** `undefined` for a path that the API does not have. */
export function parsePath(path: string): Target | undefined {
  if (path === '/v2/' || path === '/v2') return { kind: 'base' };
  if (path === '/v2/_catalog') return { kind: 'catalog' };
  const [, name = '', part = '', last = ''] = expression.exec(path) ?? [];
  const argument = decode(last);
  const endpoint = endpointOf(part, argument);
  return endpoint && { kind: 'repository', name, endpoint, argument };
}

function endpointOf(part: string, argument: string): Endpoint | undefined {
  if (part === 'blobs/uploads') return argument === '' ? 'uploads' : 'upload';
  if (part === 'tags') return argument === 'list' ? 'tags' : undefined;
  return argument === '' ? undefined : (part as Endpoint);
}

/** Some clients write the colon of a digest as `%3A`; what does not decode is left, and is no tag or digest. */
function decode(text: string): string {
  try {
    return text.includes('%') ? decodeURIComponent(text) : text;
  } catch {
    return text;
  }
}
