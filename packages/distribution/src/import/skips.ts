/** Why something of the tree is not imported, or not whole. */
export const skipReasons = {
  'unknown-file': 'no file of a registry',
  'repository-name': 'not a repository name',
  'tag-name': 'not a tag',
  'bad-link': 'not a link: the file is no digest, or another one than its path says',
  'missing-blob': 'the blob is not in storage',
  'missing-manifest': 'the manifest is not in storage',
  'wrong-bytes': 'the bytes are not those of the digest',
  'schema-1': 'a manifest of Docker schema 1, which no current client pulls',
  'bad-manifest': 'no manifest that Berth can read',
  'missing-revision': 'the tag names a manifest that was not imported',
  incomplete: 'imported, but it names blobs that are not there: push the image again',
} as const;

export type SkipReason = keyof typeof skipReasons;

/** Manifests that `registry:2` serves and Berth does not: what is theirs is left as it is. */
export const foreignReasons: readonly SkipReason[] = ['schema-1', 'bad-manifest'];

export interface Skip {
  /** In storage. */
  readonly path: string;
  readonly reason: SkipReason;
  /** More about the reason; may be empty. */
  readonly detail: string;
}

export function skip(path: string, reason: SkipReason, detail = ''): Skip {
  return { path, reason, detail };
}
