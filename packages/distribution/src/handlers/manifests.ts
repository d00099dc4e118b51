import type { IncomingMessage } from 'node:http';
import {
  OciError,
  parseReference,
  parseTag,
  type Digest,
  type RepositoryFacts,
  type Tag,
} from '@berth/protocol';
import { readBody, type Reply } from '@berth/protocol/http';
import type { Exchange } from '../exchange.ts';
import { conditionsOf, precondition, preconditionFailed } from '../http/conditions.ts';
import { parseManifest, type Manifest } from '../manifest.ts';
import type { RightsToTag } from '../stores/tag-rules.ts';
import type { ManifestStore } from '../stores/manifests.ts';
import { checkAgain, checkCreate } from './create.ts';
import { validate } from './validators.ts';

/** OCI distribution specification 1.1, "Pushing Manifests": registries should take at least 4 MiB. CVE-2017-11468. */
const mostBytes = 4 * 1024 * 1024;

/** The specification asks for ten at least. */
const mostTags = 100;

/** OCI distribution specification 1.1, "Pulling manifests", "Pushing Manifests" and "Deleting Manifests". */
export function manifestHandlers(manifests: ManifestStore) {
  return {
    async get(exchange: Exchange): Promise<Reply> {
      const reference = parseReference(exchange.argument);
      const { digest, mediaType, payload } = await manifests.get(exchange.repository.name, reference);
      const { headers, notModified } = validate(exchange, digest, reference.kind);
      return (
        notModified ?? { status: 200, headers: { ...headers, 'content-type': mediaType }, body: payload }
      );
    },

    async put(exchange: Exchange): Promise<Reply> {
      const { request, repository, access, argument, query } = exchange;
      const reference = parseReference(argument);
      const tags = reference.kind === 'digest' ? tagsOf(query) : [];
      checkCreate(exchange);
      const payload = await readBody(request, mostBytes);
      const manifest = parseManifest(payload, request.headers['content-type']);
      const now = await checkAgain(exchange);
      const digest = await manifests.put({
        repository: repository.name,
        reference,
        tags,
        payload,
        manifest,
        rights: rightsOf(now),
        expect: expectationOf(request),
        author: access.account?.name ?? 'anonymous',
        record: exchange.record,
      });
      return { status: 201, headers: putHeaders(repository, digest, manifest, tags) };
    },

    async remove(exchange: Exchange): Promise<Reply> {
      const reference = parseReference(exchange.argument);
      const { access, repository } = exchange;
      const rights = { tag: rightsOf(exchange), untagged: access.deleteUntagged(repository) };
      await manifests.remove(repository.name, reference, rights, exchange.record);
      return { status: 202 };
    },
  };
}

/** `?tag=1.2&tag=1`: OCI distribution specification, main, "Pushing Manifests". */
function tagsOf(query: URLSearchParams): Tag[] {
  const tags = [...new Set(query.getAll('tag'))].map(parseTag);
  if (tags.length > mostTags) {
    throw new OciError('TAG_INVALID', { status: 414, message: `more than ${mostTags} tags in one request` });
  }
  return tags;
}

/** Two writers cannot overwrite each other unseen: one of them gets 412. */
function expectationOf(request: IncomingMessage): (current: Digest | undefined) => void {
  const conditions = conditionsOf(request.headers);
  return (current) => {
    if (precondition(conditions, current) !== 'holds') throw preconditionFailed();
  };
}

function putHeaders({ name }: RepositoryFacts, digest: Digest, { subject }: Manifest, tags: readonly Tag[]) {
  return {
    location: `/v2/${name}/manifests/${digest}`,
    'docker-content-digest': digest,
    ...(subject !== undefined && { 'oci-subject': subject }),
    ...(tags.length > 0 && { 'oci-tag': tags.join(', ') }),
  };
}

function rightsOf({ access, repository }: Exchange): RightsToTag {
  return (tag) => access.tag(repository, tag);
}
