import type { Digest } from '@berth/protocol';
import type { ManifestFacts, RepositoryContents } from './contents.ts';

/**
 * Manifests that no tag needs: neither tagged, nor below a tagged index, nor a referrer of one that is kept. What was
 * put later than `putBefore` is kept, with all that it needs: its tag or its index may be on the way.
 */
export function untaggedManifests(contents: RepositoryContents, putBefore: number): Set<Digest> {
  const { manifests, tagged } = contents;
  const known = new Set(manifests.map(({ digest }) => digest));
  const children = childrenOf(contents);
  const referrers = referrersOf(contents);
  const isRoot = ({ digest, putAt }: ManifestFacts) => tagged.has(digest) || putAt > putBefore;
  const untagged = new Set(known);
  const waiting = manifests.filter(isRoot).map(({ digest }) => digest);
  for (let digest = waiting.pop(); digest !== undefined; digest = waiting.pop()) {
    if (untagged.delete(digest))
      waiting.push(...(children.get(digest) ?? []), ...(referrers.get(digest) ?? []));
  }
  return untagged;
}

/** The manifests in `gone`, and the referrers that go with them or with a subject that was deleted before. */
export function withLostReferrers(contents: RepositoryContents, gone: ReadonlySet<Digest>): Set<Digest> {
  const all = new Set(gone);
  const subjects = new Map(contents.manifests.map(({ digest, subject }) => [digest, subject]));
  const referrers = referrersOf(contents);
  const isHeld = (digest: Digest) => {
    const subject = subjects.get(digest) ?? null;
    const hasSubject = subject !== null && subjects.has(subject) && !all.has(subject);
    return hasSubject || contents.tagged.has(digest) || isInIndex(contents, digest, all);
  };
  const waiting = [...contents.reviewed, ...[...gone].flatMap((digest) => referrers.get(digest) ?? [])];
  for (let digest = waiting.pop(); digest !== undefined; digest = waiting.pop()) {
    if (all.has(digest) || isHeld(digest)) continue;
    all.add(digest);
    waiting.push(...(referrers.get(digest) ?? []));
  }
  return all;
}

/**
 * Blobs that no manifest names, apart from manifests that are `gone`. `lost` is true where a manifest that is gone named
 * the blob, and no push has used the blob since that manifest was put: then it goes together with the manifest.
 */
export function orphanLinks(
  { links, references, manifests }: RepositoryContents,
  gone: ReadonlySet<Digest>,
): { readonly digest: Digest; readonly usedAt: number | null; readonly lost: boolean }[] {
  const used = new Set<Digest>();
  /** For each blob: when the last manifest that named it and is gone was put. */
  const lostSince = new Map<Digest, number>();
  const putAt = new Map(manifests.map((each) => [each.digest, each.putAt]));
  for (const { kind, manifest, target } of references) {
    if (kind !== 'blob') continue;
    if (!gone.has(manifest)) used.add(target);
    else lostSince.set(target, Math.max(lostSince.get(target) ?? 0, putAt.get(manifest) ?? 0));
  }
  return links
    .filter(({ digest }) => !used.has(digest))
    .map(({ digest, usedAt }) => ({ digest, usedAt, lost: (lostSince.get(digest) ?? -1) >= (usedAt ?? 0) }));
}

function isInIndex({ references }: RepositoryContents, digest: Digest, gone: ReadonlySet<Digest>): boolean {
  return references.some(
    ({ kind, target, manifest }) => kind === 'manifest' && target === digest && !gone.has(manifest),
  );
}

function childrenOf({ references }: RepositoryContents): Map<Digest, Digest[]> {
  const indexes = references.filter(({ kind }) => kind === 'manifest');
  return grouped(indexes.map(({ manifest, target }) => [manifest, target]));
}

function referrersOf({ manifests }: RepositoryContents): Map<Digest, Digest[]> {
  return grouped(manifests.flatMap(({ subject, digest }) => (subject === null ? [] : [[subject, digest]])));
}

function grouped(pairs: readonly (readonly [Digest, Digest])[]): Map<Digest, Digest[]> {
  const groups = new Map<Digest, Digest[]>();
  for (const [key, value] of pairs) {
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [value]);
    else group.push(value);
  }
  return groups;
}
