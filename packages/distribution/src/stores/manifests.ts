import { createHash } from 'node:crypto';
import {
  digestOf,
  digestParts,
  OciError,
  type Digest,
  type Reference,
  type RepositoryName,
  type Tag,
} from '@berth/protocol';
import type { Manifest } from '../manifest.ts';
import {
  deleteManifest,
  findManifest,
  insertManifest,
  missingOf,
  type StoredManifest,
} from '../metadata/manifests.ts';
import { ensureRepository, findRepository, type Repository } from '../metadata/repositories.ts';
import type { Writer } from '../metadata/schema/tables.ts';
import { deleteTag, findTag, putTag, tagsOf } from '../metadata/tags.ts';
import type { StoreContext } from './context.ts';
import { checkDelete, checkPut, type RightsToTag } from './tag-rules.ts';

export interface PutManifest {
  readonly repository: RepositoryName;
  readonly reference: Reference;
  readonly payload: Uint8Array;
  readonly manifest: Manifest;
  readonly rights: RightsToTag;
  /** Name of the account. */
  readonly author: string;
}

/** Manifests and the tags that name them. Each change is one transaction. */
export class ManifestStore {
  readonly #context: StoreContext;

  constructor(context: StoreContext) {
    this.#context = context;
  }

  /** Throws `MANIFEST_UNKNOWN`. */
  async get(repository: RepositoryName, reference: Reference): Promise<StoredManifest> {
    const found = await findManifest(this.#context.database.reader, repository, reference);
    if (found === undefined) throw unknown(reference);
    return found;
  }

  /**
   * Resolves to the digest. Throws `DIGEST_INVALID` where the reference is another one, `MANIFEST_BLOB_UNKNOWN` where
   * the repository lacks what the manifest names, and `DENIED` where the tag may not be put.
   */
  async put(put: PutManifest): Promise<Digest> {
    const digest = digestFor(put.reference, put.payload);
    const now = Date.now();
    await this.#context.database.transaction(async (trx) => {
      const repository = await ensureRepository(trx, put.repository, now);
      await checkReferences(trx, repository, put.manifest);
      const { payload, manifest, author } = put;
      const added = {
        repositoryId: repository.id,
        digest,
        payload,
        manifest,
        createdAt: now,
        createdBy: author,
      };
      await insertManifest(trx, added);
      if (put.reference.kind === 'tag') await this.#putTag(trx, repository, put.reference.tag, digest, put);
    });
    return digest;
  }

  /** A tag goes alone; a digest goes with every tag that names it. Throws `MANIFEST_UNKNOWN` and `DENIED`. */
  async remove(name: RepositoryName, reference: Reference, rights: RightsToTag): Promise<void> {
    await this.#context.database.transaction(async (trx) => {
      const repository = await findRepository(trx, name);
      if (repository === undefined) throw unknown(reference);
      if (reference.kind === 'tag') await removeTag(trx, repository, reference.tag, rights);
      else await removeDigest(trx, repository, reference.digest, rights);
    });
  }

  async #putTag(
    trx: Writer,
    repository: Repository,
    tag: Tag,
    digest: Digest,
    put: PutManifest,
  ): Promise<void> {
    const current = await findTag(trx, repository.id, tag);
    checkPut(repository, tag, current?.digest, digest, put.rights(tag));
    if (current?.digest === digest) return;
    await putTag(trx, repository.id, { name: tag, digest, updatedAt: Date.now(), updatedBy: put.author });
  }
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

async function checkReferences(trx: Writer, repository: Repository, manifest: Manifest): Promise<void> {
  const missing = [
    ...(await missingOf(trx, repository.id, 'repository_blob', manifest.blobs)),
    ...(await missingOf(trx, repository.id, 'manifest', manifest.manifests)),
  ];
  if (missing.length === 0) return;
  throw new OciError('MANIFEST_BLOB_UNKNOWN', {
    message: `the manifest names what ${repository.name} does not hold: ${missing.slice(0, 3).join(', ')}`,
    detail: { digests: missing.slice(0, 100) },
  });
}

async function removeTag(trx: Writer, repository: Repository, tag: Tag, rights: RightsToTag): Promise<void> {
  if ((await findTag(trx, repository.id, tag)) === undefined) throw unknown({ kind: 'tag', tag });
  checkDelete(repository, tag, rights(tag));
  await deleteTag(trx, repository.id, tag);
}

async function removeDigest(
  trx: Writer,
  repository: Repository,
  digest: Digest,
  rights: RightsToTag,
): Promise<void> {
  for (const tag of await tagsOf(trx, repository.id, digest)) checkDelete(repository, tag, rights(tag));
  if (!(await deleteManifest(trx, repository.id, digest))) throw unknown({ kind: 'digest', digest });
}

function unknown(reference: Reference): OciError {
  return new OciError('MANIFEST_UNKNOWN', {
    detail: reference.kind === 'tag' ? { tag: reference.tag } : { digest: reference.digest },
  });
}
