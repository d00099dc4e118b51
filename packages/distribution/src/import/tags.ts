import type { Digest } from '@berth/protocol';
import { missingManifests } from '../metadata/manifests.ts';
import { skip } from './skips.ts';
import { readLink } from './small-files.ts';
import { importer } from './revisions.ts';
import type { Step } from './step.ts';
import { linkPath } from './tree.ts';

interface Tagged {
  readonly tag: string;
  readonly digest: Digest;
}

/** Tags of a repository, after its manifests. */
export const tags: Step<Tagged> = {
  kind: 'tag',
  size: 500,

  async examine({ context: { storage }, options }, repository, tag) {
    const path = linkPath({ repository, kind: 'tag', name: tag });
    const digest = await readLink(storage, path, options);
    return digest === undefined ? skip(path, 'bad-link') : { tag, digest };
  },

  async write(trx, { id, name, now }, items) {
    const digests = [...new Set(items.map(({ digest }) => digest))];
    const missing = new Set(await missingManifests(trx, id, digests));
    const rows = items
      .filter(({ digest }) => !missing.has(digest))
      .map(({ tag, digest }) => ({ name: tag, digest, ...stampOf(id, now) }));
    if (rows.length > 0) {
      await trx
        .insertInto('tag')
        .values(rows)
        .onConflict((conflict) => conflict.columns(['repository_id', 'name']).doNothing())
        .execute();
    }
    return items
      .filter(({ digest }) => missing.has(digest))
      .map(({ tag, digest }) =>
        skip(linkPath({ repository: name, kind: 'tag', name: tag }), 'missing-revision', digest),
      );
  },
};

function stampOf(repositoryId: number, now: number) {
  return { repository_id: repositoryId, updated_at: now, updated_by: importer };
}
