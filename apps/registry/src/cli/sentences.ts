import { parseRepositoryPattern } from '@berth/protocol';

/** A list in a sentence: `pull`, `pull and push`, `pull, push and delete`. */
export function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

/** `1 blob`, `2 blobs`. `several` is needed where an `s` does not make the plural, and where a verb follows. */
export function counted(count: number, one: string, several = `${one}s`): string {
  return `${count} ${count === 1 ? one : several}`;
}

/** A pattern of repositories in words. */
export function repositoriesOf(text: string): string {
  const pattern = parseRepositoryPattern(text);
  switch (pattern?.kind) {
    case 'all':
      return 'every repository';
    case 'children':
      return `every repository directly below ${pattern.parent}`;
    case 'below':
      return `everything below ${pattern.parent}`;
    default:
      return text;
  }
}

/** `user:bob` is bob, `team:core` everyone in the team. */
export function personOf(subject: string): string {
  const [kind, name] = subject.split(':', 2);
  if (kind === 'anonymous') return 'anyone, without logging in,';
  if (kind === 'authenticated') return 'everyone who logs in';
  if (kind === 'team') return `everyone in team ${name}`;
  return kind === 'robot' ? `robot ${name}` : (name ?? subject);
}

/** `2026-11-23 02:21 UTC`; empty for no time. */
export function timeOf(time: string | number | null | undefined): string {
  if (time === null || time === undefined) return '';
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return String(time);
  return `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

export function sizeOf(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined) return '';
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let size = bytes;
  let unit = 0;
  for (; size >= 1000 && unit < units.length - 1; unit += 1) size /= 1000;
  return `${unit === 0 ? size : size.toFixed(1)} ${units[unit]}`;
}
