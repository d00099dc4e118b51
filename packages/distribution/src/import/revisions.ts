import { createHash } from 'node:crypto';
import { digestOf, digestParts, OciError, type Digest } from '@berth/protocol';
import { blobPath } from '../layout.ts';
import { parseStoredManifest, type Manifest } from '../manifest.ts';
import { insertManifest, missingBlobs } from '../metadata/manifests.ts';
import type { Writer } from '../metadata/schema/tables.ts';
import { skip, type Skip } from './skips.ts';
import { readLink, readSmall } from './small-files.ts';
import type { Step, Target } from './step.ts';
import { linkPath } from './tree.ts';

/** As for a push. */
const mostBytes = 4 * 1024 * 1024;

/** An account of this name cannot be made; it is who works on the machine itself. */
export const importer = 'local';

interface Revision {
  readonly digest: Digest;
  readonly payload: Buffer;
  readonly manifest: Manifest;
}

/** Manifests of a repository, after its layers. */
export const revisions: Step<Revision> = {
  kind: 'revision',
  // Payloads of up to 4 MiB each are in memory together.
  size: 16,

  async examine({ context: { storage }, options }, repository, name) {
    const digest = name as Digest;
    const path = linkPath({ repository, kind: 'revision', name });
    const named = await readLink(storage, path, options);
    if (named !== digest) return skip(path, 'bad-link', named === undefined ? '' : `it names ${named}`);
    const payload = await readSmall(storage, blobPath(digest), mostBytes, options);
    if (payload === 'missing') return skip(path, 'missing-manifest');
    if (payload === 'too long') return skip(path, 'bad-manifest', 'larger than 4 MiB');
    const { algorithm } = digestParts(digest);
    const found = digestOf(algorithm, createHash(algorithm).update(payload).digest('hex'));
    if (found !== digest) return skip(path, 'wrong-bytes', `they are those of ${found}`);
    return parsed(path, digest, payload);
  },

  async write(trx, target, items) {
    const incomplete: Skip[] = [];
    for (const item of items) {
      await insertManifest(trx, {
        repositoryId: target.id,
        digest: item.digest,
        payload: item.payload,
        manifest: item.manifest,
        createdAt: target.now,
        createdBy: importer,
      });
      incomplete.push(...(await missingOf(trx, target, item)));
    }
    return incomplete;
  },
};

function parsed(path: string, digest: Digest, payload: Buffer): Revision | Skip {
  try {
    return { digest, payload, manifest: parseStoredManifest(payload) };
  } catch (error) {
    if (!(error instanceof OciError)) throw error;
    const reason = error.message.includes('schema 1') ? 'schema-1' : 'bad-manifest';
    return skip(path, reason, error.message);
  }
}

/** It is served all the same, as it was before; who pushes it again sends what is missing. */
async function missingOf(trx: Writer, { id, name }: Target, { digest, manifest }: Revision): Promise<Skip[]> {
  const missing = await missingBlobs(trx, id, manifest.blobs);
  if (missing.length === 0) return [];
  const path = linkPath({ repository: name, kind: 'revision', name: digest });
  return [skip(path, 'incomplete', `without ${missing.slice(0, 3).join(', ')}`)];
}
