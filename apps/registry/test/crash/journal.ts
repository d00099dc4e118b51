import { sha256 } from '../support/registry.ts';

/**
 * What a client knows of a registry: what was acknowledged must be there, what was asked for and not answered may be
 * there or not, and nothing else.
 */
export class Journal {
  /** By URL: what may be answered, `null` for nothing. */
  readonly #may = new Map<string, readonly (string | null)[]>();
  readonly #sessions = new Map<string, { readonly content: string; readonly repository: string }>();

  /** Something at `url` becomes `content`, or goes; `work` is the request, which rejects where there is no answer. */
  async change(url: string, content: string | null, work: () => Promise<boolean>): Promise<boolean> {
    const before = this.#may.get(url) ?? [null];
    this.#may.set(url, [...before, content]);
    const done = await work();
    this.#may.set(url, done ? [content] : before);
    return done;
  }

  /** What goes by itself with something else, sooner or later. */
  mayGo(url: string): void {
    this.#may.set(url, [...(this.#may.get(url) ?? []), null]);
  }

  /** A session was opened, and some of `content` was sent to it. */
  open(url: string, session: { readonly content: string; readonly repository: string }): void {
    this.#sessions.set(url, session);
  }

  end(url: string): void {
    this.#sessions.delete(url);
  }

  /** What is not as it must be, in words. Sessions are finished, and then they are checked too. */
  async problems(origin: string): Promise<string[]> {
    const problems: string[] = [];
    for (const [url, may] of this.#may) problems.push(...(await this.#compare(origin, url, may)));
    for (const [url, session] of this.#sessions) problems.push(...(await resume(origin, url, session)));
    this.#sessions.clear();
    return problems;
  }

  async #compare(origin: string, url: string, may: readonly (string | null)[]): Promise<string[]> {
    const response = await fetch(`${origin}${url}`, { headers: { accept: '*/*' } });
    const text = await response.text();
    const found = response.status === 404 ? null : text;
    this.#may.set(url, [found]);
    if (![200, 404].includes(response.status)) return [`${url}: ${response.status} ${text}`];
    if (may.includes(found)) return [];
    return [`${url} is ${short(found)} and not ${may.map(short).join(' or ')}`];
  }
}

const short = (content: string | null) => (content === null ? 'nothing' : sha256(content).slice(0, 19));

/** A session goes on where it says that it is, or is gone. */
async function resume(
  origin: string,
  url: string,
  { content, repository }: { readonly content: string; readonly repository: string },
): Promise<string[]> {
  const status = await fetch(`${origin}${url}`);
  if (status.status === 404) return [];
  const end = /^0-(\d+)$/.exec(status.headers.get('range') ?? '')?.[1];
  const offset = end === undefined || end === '0' ? 0 : Number(end) + 1;
  const digest = sha256(content);
  const finish = await fetch(`${origin}${url}?digest=${digest}`, {
    method: 'PUT',
    body: content.slice(offset),
    headers: offset < content.length ? { 'content-range': `${offset}-${content.length - 1}` } : {},
  });
  if (finish.status !== 201)
    return [`${url} says ${offset} and ends with ${finish.status} ${await finish.text()}`];
  const read = await fetch(`${origin}/v2/${repository}/blobs/${digest}`);
  return (await read.text()) === content ? [] : [`${url} was resumed at ${offset} and has other bytes`];
}
