/** Where the document itself is, below `/api/v1`. */
export const documentPath = '/openapi.json';

/** A part of the path that the caller fills in. */
export interface PathParameter {
  readonly name: string;
  /** Whether it may hold slashes, which are sent as they are. */
  readonly slashes: boolean;
}

const placeholder = /([:*])(\w+)/g;

/** `/repositories/*repository/-/tags` as `/repositories/{repository}/-/tags`. */
export function pathOf(path: string): string {
  return path.replace(placeholder, '{$2}');
}

export function parametersOf(path: string): PathParameter[] {
  return [...path.matchAll(placeholder)].map(([, sign, name = '']) => ({ name, slashes: sign === '*' }));
}

/** The first word of the path. */
export function nounOf(path: string): string {
  return path.split('/')[1] ?? '';
}

/** One for each call, such as `getTeamsByTeamMembers`: names for the functions of a generated client. */
export function operationIdOf(method: string, path: string): string {
  const words = path.split('/').filter((word) => word !== '' && word !== '-');
  const named = words.map((word) => (/^[:*]/.test(word) ? `By${capital(word.slice(1))}` : capital(word)));
  return `${method.toLowerCase()}${named.join('')}`;
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
