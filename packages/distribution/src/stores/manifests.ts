import { createHash } from 'node:crypto';
import {
  digestOf,
  digestParts,
  OciError,
  type Digest,
  type Reference,
  type RepositoryName,
  type Tag,
  type TagRights,
} from '@berth/protocol';
import type { RecordChange } from '../exchange.ts';
import type { Manifest } from '../manifest.ts';
import {
  deleteManifest,
  findManifest,
  insertManifest,
  missingBlobs,
  missingManifests,
  tagsAbove,
  type StoredManifest,
} from '../metadata/manifests.ts';
import { ensureRepository, findRepository, type Repository } from '../metadata/repositories.ts';
import { reviewPartsOf } from '../metadata/reviews.ts';
import type { Writer } from '../metadata/schema/tables.ts';
import { deleteTag, findTag, putTag, tagsOf } from '../metadata/tags.ts';
import type { StoreContext } from './context.ts';
import { checkDelete, checkPut, requireAllowed, type DeletionRights, type RightsToTag } from './tag-rules.ts';
import { mustExist, type Validation } from './validation.ts';

export interface PutManifest {
  readonly repository: RepositoryName;
  readonly reference: Reference;
  /** More tags for a manifest that is put by its digest; all of them are put, or none. */
  readonly tags: readonly Tag[];
  readonly payload: Uint8Array;
  readonly manifest: Manifest;
  readonly rights: RightsToTag;
  /** Throws where what the reference names now, or nothing, is not what the client expects. */
  readonly expect: (current: Digest | undefined) => void;
  /** Name of the account. */
  readonly author: string;
  /** Told of each tag that is made or moved; where there is none, of a manifest that is new. */
  readonly record?: RecordChange;
}

/** Manifests and the tags that name them. Each change is one transaction. */
export class ManifestStore {
  readonly #context: StoreContext;
  readonly #validation: Validation;

  constructor(context: StoreContext, validation: Validation) {
    this.#context = context;
    this.#validation = validation;
  }

  /** Throws `MANIFEST_UNKNOWN`. */
  async get(repository: RepositoryName, reference: Reference): Promise<StoredManifest> {
    const { database } = this.#context;
    const text = reference.kind === 'tag' ? reference.tag : reference.digest;
    const find = () => findManifest(database.reader, repository, reference);
    const found = await database.remembered(`manifest ${repository} ${text}`, find, sizeOf);
    if (found === undefined) throw unknown(reference);
    return found;
  }

  /**
   * Resolves to the digest. Throws `DIGEST_INVALID` where the reference is another one, `MANIFEST_BLOB_UNKNOWN` where
   * the repository lacks what the manifest names, and `DENIED` where a tag may not be put.
   */
  async put(put: PutManifest): Promise<Digest> {
    const { payload, manifest, author, reference } = put;
    const digest = digestFor(reference, payload);
    const tags = reference.kind === 'tag' ? [reference.tag] : put.tags;
    const now = this.#context.now();
    await this.#context.database.transaction(async (trx) => {
      const repository = await ensureRepository(trx, put.repository, now);
      put.expect(await currentOf(trx, repository.id, reference));
      await checkReferences(trx, repository, manifest, this.#validation);
      const added = {
        repositoryId: repository.id,
        digest,
        payload,
        manifest,
        createdAt: now,
        createdBy: author,
      };
      const isNew = await insertManifest(trx, added);
      const moved: MovedTag[] = [];
      for (const tag of tags)
        moved.push(...(await putTagOnce(trx, repository, { tag, digest, author, now }, put.rights(tag))));
      if (put.record !== undefined) await recordPut(trx, put.record, { digest, isNew, moved });
    });
    return digest;
  }

  /** A tag goes alone; a digest goes with every tag that names it. Throws `MANIFEST_UNKNOWN` and `DENIED`. */
  async remove(
    name: RepositoryName,
    reference: Reference,
    rights: DeletionRights,
    record?: RecordChange,
  ): Promise<void> {
    await this.#context.database.transaction(async (trx) => {
      const repository = await findRepository(trx, name);
      if (repository === undefined) throw unknown(reference);
      const before =
        reference.kind === 'tag'
          ? await removeTag(trx, repository, reference.tag, rights.tag)
          : await this.#removeDigest(trx, repository, reference.digest, rights);
      await record?.(trx, { before });
    });
  }

  async #removeDigest(
    trx: Writer,
    repository: Repository,
    digest: Digest,
    rights: DeletionRights,
  ): Promise<Removed> {
    const { now, reviewDelay } = this.#context;
    const removed = await checkRemoval(trx, repository, digest, rights);
    await reviewPartsOf(trx, repository.id, digest, now() + reviewDelay);
    if (!(await deleteManifest(trx, repository.id, digest))) throw unknown({ kind: 'digest', digest });
    return removed;
  }
}

function sizeOf(manifest: StoredManifest | undefined): number {
  return manifest?.payload.length ?? 0;
}

/** What the reference names before the put. */
async function currentOf(
  trx: Writer,
  repositoryId: number,
  reference: Reference,
): Promise<Digest | undefined> {
  if (reference.kind === 'tag') return (await findTag(trx, repositoryId, reference.tag))?.digest;
  const missing = await missingManifests(trx, repositoryId, [reference.digest]);
  return missing.length === 0 ? reference.digest : undefined;
}

interface TagPut {
  readonly tag: Tag;
  readonly digest: Digest;
  readonly author: string;
  readonly now: number;
}

/** A tag that names something else now, and what it named before. */
interface MovedTag {
  readonly tag: Tag;
  readonly from: Digest | undefined;
}

/** A tag that names the manifest already keeps its time and its author. */
async function putTagOnce(
  trx: Writer,
  repository: Repository,
  put: TagPut,
  rights: TagRights,
): Promise<MovedTag[]> {
  const { tag, digest, author, now } = put;
  const current = await findTag(trx, repository.id, tag);
  checkPut(repository, tag, current?.digest, digest, rights);
  if (current?.digest === digest) return [];
  await putTag(trx, repository.id, { name: tag, digest, updatedAt: now, updatedBy: author });
  return [{ tag, from: current?.digest }];
}

interface Put {
  readonly digest: Digest;
  readonly isNew: boolean;
  readonly moved: readonly MovedTag[];
}

/** An event for each tag, as each is looked for by itself; nothing where nothing has changed. */
async function recordPut(trx: Writer, record: RecordChange, { digest, isNew, moved }: Put): Promise<void> {
  const after = { digest };
  for (const { tag, from } of moved) {
    const before = from && { digest: from };
    await record(trx, { target: tag, before, after });
  }
  if (isNew && moved.length === 0) await record(trx, { target: digest, after });
}

/** A manifest that is pushed by tag gets the canonical algorithm; by digest, that of the digest. */
function digestFor(reference: Reference, payload: Uint8Array): Digest {
  const algorithm = reference.kind === 'digest' ? digestParts(reference.digest).algorithm : 'sha256';
  const digest = digestOf(algorithm, createHash(algorithm).update(payload).digest('hex'));
  if (reference.kind === 'digest' && reference.digest !== digest) {
    throw new OciError('DIGEST_INVALID', { message: `the manifest has the digest ${digest}` });
  }
  return digest;
}

async function checkReferences(
  trx: Writer,
  repository: Repository,
  manifest: Manifest,
  { layers, children }: Validation,
): Promise<void> {
  const blobs = layers === 'all' ? manifest.blobs : [];
  const manifests = manifest.manifests
    .filter((child) => mustExist(child, children))
    .map(({ digest }) => digest);
  const missing = [
    ...(await missingBlobs(trx, repository.id, blobs)),
    ...(await missingManifests(trx, repository.id, manifests)),
  ];
  if (missing.length === 0) return;
  throw new OciError('MANIFEST_BLOB_UNKNOWN', {
    message: `the manifest names what ${repository.name} does not hold: ${missing.slice(0, 3).join(', ')}`,
    detail: { digests: missing.slice(0, 100) },
  });
}

/** What is gone, for the audit. */
interface Removed {
  readonly digest: Digest;
  readonly tags: readonly Tag[];
}

async function removeTag(
  trx: Writer,
  repository: Repository,
  tag: Tag,
  rights: RightsToTag,
): Promise<Removed> {
  const found = await findTag(trx, repository.id, tag);
  if (found === undefined) throw unknown({ kind: 'tag', tag });
  checkDelete(repository, [tag], rights);
  await deleteTag(trx, repository.id, tag);
  return { digest: found.digest, tags: [tag] };
}

/** The tag of an index stands for its children too: who may not delete the tag does not break the image. */
async function checkRemoval(
  trx: Writer,
  repository: Repository,
  digest: Digest,
  rights: DeletionRights,
): Promise<Removed> {
  checkDelete(repository, await tagsAbove(trx, repository.id, digest), rights.tag);
  const tags = await tagsOf(trx, repository.id, digest);
  if (tags.length === 0) requireAllowed(rights.untagged);
  return { digest, tags };
}

function unknown(reference: Reference): OciError {
  return new OciError('MANIFEST_UNKNOWN', {
    detail: reference.kind === 'tag' ? { tag: reference.tag } : { digest: reference.digest },
  });
}
