import { OciError } from './errors.ts';

declare const brand: unique symbol;

/** A checked repository name, such as `team/app`: OCI distribution specification 1.1, "Pulling manifests". */
export type RepositoryName = string & { readonly [brand]: 'RepositoryName' };

/** A checked tag, such as `1.0` or `latest`: OCI distribution specification 1.1, "Pulling manifests". */
export type Tag = string & { readonly [brand]: 'Tag' };

const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const componentExpression = new RegExp(`^${component}$`);
const tagExpression = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;

/** Docker and the original registry refuse a longer one, host not counted. */
const longestName = 255;

/** Whether `text` is one component of a repository name; the names of users, teams and robots are such. */
export function isNameComponent(text: string): boolean {
  return text.length <= longestName && componentExpression.test(text);
}

export function isRepositoryName(text: string): text is RepositoryName {
  return text.length <= longestName && text.split('/').every(isNameComponent);
}

export function isTag(text: string): text is Tag {
  return tagExpression.test(text);
}

/** Throws `NAME_INVALID`. */
export function parseRepositoryName(text: string): RepositoryName {
  if (isRepositoryName(text)) return text;
  const message =
    text.length > longestName
      ? `invalid repository name: longer than ${longestName} characters`
      : `invalid repository name: ${JSON.stringify(text)} must be lower-case letters and digits, with single separators . _ - between them, and parts joined by /`;
  throw new OciError('NAME_INVALID', { message });
}

/** Throws `TAG_INVALID`. */
export function parseTag(text: string): Tag {
  if (isTag(text)) return text;
  const message = `invalid tag: ${JSON.stringify(text.slice(0, 150))} must be 1 to 128 characters of A-Z a-z 0-9 _ . - and not begin with . or -`;
  throw new OciError('TAG_INVALID', { message });
}
