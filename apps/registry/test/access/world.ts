/** Somebody's right, or the lack of it, as the administration API takes it. */
export interface Grant {
  readonly effect: 'allow' | 'deny';
  /** `user:ana`, `team:red`, `robot:bot`, `authenticated`, `anonymous`. */
  readonly subject: string;
  readonly repository: string;
  /** A role or a list of actions. */
  readonly rights: string | readonly string[];
  readonly tags: string | null;
  readonly lasts: Lasts;
}

/** `past`: it has ended when the first case is asked. */
export type Lasts = 'ever' | 'past' | 'an hour';

export interface Limit {
  readonly repository: string;
  readonly actions: readonly string[];
}

/** What a request proves itself with. */
export interface Credential {
  /** `null`: nobody. */
  readonly owner: string | null;
  /** Nobody has none of them. */
  readonly kind: 'password' | 'refresh' | 'personal' | 'none';
  /** With a token of the token endpoint, or with the credential itself; for nobody: without any header. */
  readonly way: 'bearer' | 'basic';
  /** Of a personal access token; `null`: as wide as its owner. */
  readonly limits: readonly Limit[] | null;
  readonly lasts: Lasts;
}

export interface Repository {
  readonly name: string;
  readonly visibility: 'private' | 'internal' | 'public';
  readonly immutableTags: readonly string[];
}

/** What happens between the first half of the cases and the second. */
export type Change =
  | { readonly kind: 'grant'; readonly grant: Grant }
  | { readonly kind: 'remove grant'; readonly index: number }
  | { readonly kind: 'disable'; readonly account: string }
  | { readonly kind: 'leave' | 'join'; readonly team: string; readonly user: string }
  | { readonly kind: 'visibility'; readonly index: number; readonly visibility: Repository['visibility'] }
  | { readonly kind: 'remove credential'; readonly index: number };

/** One question. The numbers choose from lists whose length is known later. */
export interface Case {
  readonly operation: number;
  readonly credential: number;
  readonly repository: number;
  readonly source: number;
  readonly tag: number;
  readonly manifest: number;
  readonly scope: number;
  /** In the second half: with a token from before the changes. */
  readonly stale: boolean;
}

export interface World {
  /** Members by team. */
  readonly teams: Readonly<Record<string, readonly string[]>>;
  readonly repositories: readonly Repository[];
  readonly grants: readonly Grant[];
  readonly credentials: readonly Credential[];
  readonly before: readonly Case[];
  readonly changes: readonly Change[];
  readonly after: readonly Case[];
}

export const users = ['ana', 'ben', 'cyd', 'root'] as const;
export const administrator = 'root';
export const robots = ['bot', 'rob'] as const;
export const teams = ['red', 'blue'] as const;
export const everyTag = ['v1', 'v2', 'v3', 'latest', 'dev', 'rc.1', 'multi'] as const;

/** Names with traps: a parent and what is below it, one that begins alike, one without a slash, the name of a robot. */
export const names = [
  'ana/app',
  'ana/lib/core',
  'ben/app',
  'team',
  'team/app',
  'team/web',
  'team/deep/app',
  'teamx/app',
  'bot/app',
  'solo',
] as const;
