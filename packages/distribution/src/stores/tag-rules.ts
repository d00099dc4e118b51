import { matchesTag, OciError, type Digest, type Tag, type TagRights, type Verdict } from '@berth/protocol';
import type { Repository } from '../metadata/repositories.ts';

/** Decides over a tag before the transaction; what it finds there is decided inside it. */
export type RightsToTag = (tag: Tag) => TagRights;

/** The same for a deletion by digest, which may find no tag. */
export interface DeletionRights {
  readonly tag: RightsToTag;
  readonly untagged: Verdict;
}

/** Throws `DENIED` where `tag`, which names `current` now (or nothing), may not be made to name `next`. */
export function checkPut(
  repository: Repository,
  tag: Tag,
  current: Digest | undefined,
  next: Digest,
  rights: TagRights,
): void {
  if (current === next) return;
  if (current === undefined) return requireAllowed(rights.put);
  if (isImmutable(repository, tag)) throw immutable(tag, 403);
  requireAllowed(rights.overwrite);
}

/** Throws `DENIED` where one of `tags` may not be deleted: an immutable one first, whatever the others are. */
export function checkDelete(repository: Repository, tags: readonly Tag[], rights: RightsToTag): void {
  checkKept(repository, tags);
  for (const tag of tags) requireAllowed(rights(tag).delete);
}

/** Throws `DENIED` where one of `tags` is immutable, and with it all that it stands for. */
export function checkKept(repository: Repository, tags: readonly Tag[]): void {
  const kept = tags.find((tag) => isImmutable(repository, tag));
  if (kept !== undefined) throw immutable(kept, 409);
}

/** Throws `DENIED`. */
export function requireAllowed(verdict: Verdict): void {
  if (!verdict.allowed) throw new OciError('DENIED', { message: verdict.reason });
}

function isImmutable(repository: Repository, tag: Tag): boolean {
  return repository.immutableTags.some((pattern) => matchesTag(pattern, tag));
}

function immutable(tag: Tag, status: 403 | 409): OciError {
  const message = `tag ${tag} is immutable: neither it nor what it stands for can be moved or deleted`;
  return new OciError('DENIED', { message, status });
}
