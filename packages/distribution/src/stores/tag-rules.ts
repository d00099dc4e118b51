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
  if (isImmutable(repository, tag)) throw immutable(tag);
  requireAllowed(rights.overwrite);
}

/** Throws `DENIED` where `tag` may not be deleted. */
export function checkDelete(repository: Repository, tag: Tag, rights: TagRights): void {
  if (isImmutable(repository, tag)) throw immutable(tag);
  requireAllowed(rights.delete);
}

/** Throws `DENIED`. */
export function requireAllowed(verdict: Verdict): void {
  if (!verdict.allowed) throw new OciError('DENIED', { message: verdict.reason });
}

function isImmutable(repository: Repository, tag: Tag): boolean {
  return repository.immutableTags.some((pattern) => matchesTag(pattern, tag));
}

function immutable(tag: Tag): OciError {
  return new OciError('DENIED', { message: `tag ${tag} is immutable: it can be neither moved nor deleted` });
}
