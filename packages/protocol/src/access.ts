import type { OciError } from './errors.ts';
import type { RepositoryName, Tag } from './names.ts';
import type { RepositoryPattern } from './pattern.ts';
import type { Scope } from './scope.ts';

/** Who may pull without a grant: nobody, any account, anyone. */
export type Visibility = 'private' | 'internal' | 'public';

/** What a decision needs to know of a repository. One that does not exist is `private`. */
export interface RepositoryFacts {
  readonly name: RepositoryName;
  readonly visibility: Visibility;
  readonly exists: boolean;
}

/** Answers for every name, also for one that does not exist. */
export type FindRepository = (name: RepositoryName) => Promise<RepositoryFacts> | RepositoryFacts;

/** What one may do to a repository; to overwrite is a right to a tag, see {@link TagRights}. */
export type RepositoryAction = 'pull' | 'push' | 'delete' | 'create' | 'admin';

/** Denied is a value, with a reason that the person who asked may read; "could not decide" is an exception. */
export type Verdict = Allowed | { readonly allowed: false; readonly reason: string };

export interface Allowed {
  readonly allowed: true;
  /**
   * When the right itself ends, in milliseconds since 1970; absent: it lasts. That the credential ends does not count: its
   * owner has the right without it.
   */
  readonly until?: number;
}

/** Decided before the store's transaction, applied inside it, where it is known whether the tag exists. */
export interface TagRights {
  /** To make the tag. */
  readonly put: Verdict;
  /** To move it to another manifest: to push it, and `overwrite` beside. */
  readonly overwrite: Verdict;
  readonly delete: Verdict;
}

/** Which repositories a person may pull, in a form that a database can filter by. */
export interface ReadableNames {
  readonly allow: readonly RepositoryPattern[];
  readonly deny: readonly RepositoryPattern[];
  /** Readable by their visibility, wherever they are. */
  readonly visibilities: readonly Visibility[];
  /** Where given, only names within these patterns: the limits of a narrowed credential. An empty list: nothing. */
  readonly within?: readonly RepositoryPattern[];
}

export interface Account {
  /** Never used again, not even for an account of the same name. */
  readonly id: string;
  readonly name: string;
  readonly kind: 'user' | 'robot';
}

/** What one request may do: the rights of who asks, limited by the credential, as they are when it begins. */
export interface Access {
  /** `null` for anonymous. */
  readonly account: Account | null;
  /** Id of the personal access token that the request, or the token that it comes with, was made with. */
  readonly credential?: string | undefined;
  /** Yes to `push` and `delete` also where it holds for some tags only: {@link tag} and {@link deleteUntagged} say which. */
  may(repository: RepositoryFacts, action: RepositoryAction): Verdict;
  /** Whether repositories may be listed at all; {@link readable} says which. */
  mayList(): boolean;
  tag(repository: RepositoryFacts, tag: Tag): TagRights;
  /** To delete what no tag names, a manifest or a blob: a right that is limited to some tags does not give it. */
  deleteUntagged(repository: RepositoryFacts): Verdict;
  /** To delete the repository with all of its tags: neither a right that is limited to some tags nor a deny of some leaves it. */
  deleteAll(repository: RepositoryFacts): Verdict;
  readable(): ReadableNames;
  /** What lists show, where that is more than may be pulled; else they show what is {@link readable}. */
  listed?(): ReadableNames;
  /** The `UNAUTHORIZED` answer that tells the client which scopes to ask a token for. */
  challenge(needed: readonly Scope[]): OciError;
  /**
   * The same by the rights of now: the body of a request may take hours to come. That the token has ended meanwhile does
   * not matter. Throws `UNAUTHORIZED` where the account or its credential has ended. Absent: nothing can have changed.
   */
  renewed?(needed: readonly Scope[]): Promise<Access>;
}

/** What a decision about access needs of a request. */
export interface Credentials {
  /** The `Authorization` header. */
  readonly authorization: string | undefined;
  /** Where the client reaches Berth, `http://localhost:5000`, for the realm of a challenge. */
  readonly origin: string;
  /** Address of the client, behind trusted proxies too. */
  readonly address: string;
}

/**
 * The seam between the registry and whoever decides. Two implementations: claims only (somebody else's token server),
 * and live policy (Berth's own).
 */
export interface AccessControl {
  /**
   * Throws `UNAUTHORIZED` with a challenge for `needed` where there are no credentials or bad ones, and `UNAVAILABLE`
   * where it could not decide.
   */
  authenticate(credentials: Credentials, needed: readonly Scope[]): Promise<Access>;
}

export const allowed: Allowed = { allowed: true };

export function denied(reason: string): Verdict {
  return { allowed: false, reason };
}
