import { usageError } from './errors.ts';

/** One segment of a path. A client's URL parser would resolve `.` and `..`, so that they are refused here. */
export function segment(text: string): string {
  if (text === '' || text === '.' || text === '..') throw usageError(`${JSON.stringify(text)} is no name`);
  return encodeURIComponent(text);
}

/** `/repositories/<name>`, where the name keeps its slashes. */
export function repositoryPath(name: string): string {
  return `/repositories/${name.split('/').map(segment).join('/')}`;
}

/** `?a=b&c=d` of what is given, empty where nothing is. */
export function queryString(parameters: Readonly<Record<string, string | number | undefined>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) query.set(name, String(value));
  }
  return query.size === 0 ? '' : `?${query}`;
}
