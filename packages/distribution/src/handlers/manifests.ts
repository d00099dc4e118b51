import { parseReference } from '@berth/protocol';
import { readBody, type Reply } from '@berth/protocol/http';
import type { Exchange } from '../exchange.ts';
import { parseManifest } from '../manifest.ts';
import type { RightsToTag } from '../stores/tag-rules.ts';
import type { ManifestStore } from '../stores/manifests.ts';
import { checkCreate } from './create.ts';

/** OCI distribution specification 1.1, "Pushing Manifests": registries should take at least 4 MiB. CVE-2017-11468. */
const mostBytes = 4 * 1024 * 1024;

/** OCI distribution specification 1.1, "Pulling manifests", "Pushing Manifests" and "Deleting Manifests". */
export function manifestHandlers(manifests: ManifestStore) {
  return {
    async get({ repository, argument }: Exchange): Promise<Reply> {
      const { digest, mediaType, payload } = await manifests.get(repository.name, parseReference(argument));
      const headers = { 'content-type': mediaType, 'docker-content-digest': digest, etag: `"${digest}"` };
      return { status: 200, headers, body: payload };
    },

    async put(exchange: Exchange): Promise<Reply> {
      const { request, repository, access, argument } = exchange;
      const reference = parseReference(argument);
      checkCreate(exchange);
      const payload = await readBody(request, mostBytes);
      const manifest = parseManifest(payload, request.headers['content-type']);
      const author = access.account?.name ?? 'anonymous';
      const rights = rightsOf(exchange);
      const digest = await manifests.put({
        repository: repository.name,
        reference,
        payload,
        manifest,
        rights,
        author,
      });
      const headers = {
        location: `/v2/${repository.name}/manifests/${digest}`,
        'docker-content-digest': digest,
      };
      const subject = manifest.subject === undefined ? {} : { 'oci-subject': manifest.subject };
      return { status: 201, headers: { ...headers, ...subject } };
    },

    async remove(exchange: Exchange): Promise<Reply> {
      const reference = parseReference(exchange.argument);
      await manifests.remove(exchange.repository.name, reference, rightsOf(exchange));
      return { status: 202 };
    },
  };
}

function rightsOf({ access, repository }: Exchange): RightsToTag {
  return (tag) => access.tag(repository, tag);
}
