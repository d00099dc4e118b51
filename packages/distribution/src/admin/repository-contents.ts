import type { Database } from '@berth/database';
import { auditedRoute, OciError, parseReference, type AuditedRoute, type Digest } from '@berth/protocol';
import { z } from 'zod';
import { oneMore } from '../http/pages.ts';
import { findDetails } from '../metadata/manifests.ts';
import { listReferrers } from '../metadata/referrers.ts';
import type { Repository } from '../metadata/repositories.ts';
import { listSizedTags, totalSizes, type SizedTag } from '../metadata/sizes.ts';
import type { DistributionTables, Reader } from '../metadata/schema/tables.ts';
import { findTag, tagsOf } from '../metadata/tags.ts';
import { list, listOf, page } from './lists.ts';
import { documentOf, manifestAnswer, manifestBody } from './manifest-body.ts';
import { visible } from './visible.ts';

/** Referrers in the answer about a manifest. */
const mostReferrers = 100;

const tagAnswer = z.object({
  name: z.string(),
  digest: z.string(),
  size: z.number().int().describe('with config and layers, those of all its platforms, each once; in bytes'),
  pushedAt: z.iso.datetime(),
  pushedBy: z.string(),
});

/** What is in a repository, for who may pull it. */
export function repositoryContents(database: Database<DistributionTables>): AuditedRoute[] {
  const { reader } = database;
  return [
    auditedRoute({
      action: 'repository.read',
      method: 'GET',
      path: '/repositories/*repository/-/tags',
      summary: 'Tags of a repository',
      query: page,
      response: listOf(tagAnswer),
      async handle({ actor, params, query }) {
        const { id } = await visible(database, actor, params['repository'], 'pull');
        const found = await listSizedTags(reader, id, oneMore({ count: query.n, last: query.last }));
        return { body: list(found, query.n, tagBody, ({ name }) => name) };
      },
    }),
    auditedRoute({
      action: 'repository.read',
      method: 'GET',
      path: '/repositories/*repository/-/manifests/:reference',
      summary: 'One manifest or index, by its digest or by a tag: what it is made of, its tags and referrers',
      response: manifestAnswer,
      async handle({ actor, params }) {
        const repository = await visible(database, actor, params['repository'], 'pull');
        return { body: await describe(reader, repository, params['reference'] ?? '') };
      },
    }),
  ];
}

async function describe(reader: Reader, { id, name }: Repository, reference: string) {
  const digest = await digestFor(reader, id, reference);
  const manifest = digest && (await findDetails(reader, id, digest));
  if (manifest === undefined) throw new OciError('MANIFEST_UNKNOWN', { detail: { reference } });
  const document = documentOf(manifest.payload);
  const children = document.manifests.map((child) => child.digest);
  return manifestBody({
    manifest,
    document,
    tags: await tagsOf(reader, id, manifest.digest),
    sizes: await totalSizes(reader, id, [manifest.digest, ...children]),
    referrers: await listReferrers(reader, {
      repository: name,
      subject: manifest.digest,
      page: { count: mostReferrers },
    }),
  });
}

async function digestFor(reader: Reader, id: number, text: string): Promise<Digest | undefined> {
  const reference = parseReference(text);
  return reference.kind === 'digest' ? reference.digest : (await findTag(reader, id, reference.tag))?.digest;
}

function tagBody({ name, digest, size, updatedAt, updatedBy }: SizedTag) {
  return { name, digest, size, pushedAt: new Date(updatedAt).toISOString(), pushedBy: updatedBy };
}
