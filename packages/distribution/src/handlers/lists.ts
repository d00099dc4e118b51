import { OciError, parseDigest } from '@berth/protocol';
import { jsonReply, type Reply } from '@berth/protocol/http';
import type { Exchange } from '../exchange.ts';
import { cutPage, nextLink, oneMore, parsePage } from '../http/pages.ts';
import { listReferrers } from '../metadata/referrers.ts';
import { findRepository, listRepositories } from '../metadata/repositories.ts';
import type { Reader } from '../metadata/schema/tables.ts';
import { listTags } from '../metadata/tags.ts';

const indexType = 'application/vnd.oci.image.index.v1+json';

/** OCI distribution specification 1.1, "Listing Tags", "Listing Referrers"; Docker's `_catalog`. */
export function listHandlers(reader: Reader) {
  return {
    async catalog({ access, query }: Pick<Exchange, 'access' | 'query'>): Promise<Reply> {
      const page = parsePage(query);
      const names = access.listed?.() ?? access.readable();
      const found = await listRepositories(reader, names, oneMore(page));
      const { items, headers } = cutPage('/v2/_catalog', page, found, ({ name }) => name);
      return jsonReply(200, { repositories: items.map(({ name }) => name) }, headers);
    },

    async tags({ repository, query }: Exchange): Promise<Reply> {
      const { name } = repository;
      const page = parsePage(query);
      const known = await findRepository(reader, name);
      if (known === undefined) throw new OciError('NAME_UNKNOWN', { detail: { name } });
      const found = await listTags(reader, known.id, oneMore(page));
      const { items, headers } = cutPage(`/v2/${name}/tags/list`, page, found, (tag) => tag.name);
      return jsonReply(200, { name, tags: items.map((tag) => tag.name) }, headers);
    },

    async referrers({ repository, argument, query }: Exchange): Promise<Reply> {
      const { name } = repository;
      const subject = parseDigest(argument);
      const artifactType = query.get('artifactType') ?? undefined;
      const page = parsePage(query);
      const { items, more } = await listReferrers(reader, { repository: name, subject, artifactType, page });
      const last = items.at(-1);
      const filter: Record<string, string> = artifactType === undefined ? {} : { artifactType };
      const index = { schemaVersion: 2, mediaType: indexType, manifests: items };
      return jsonReply(200, index, {
        'content-type': indexType,
        ...(artifactType !== undefined && { 'oci-filters-applied': 'artifactType' }),
        ...(more && last && nextLink(`/v2/${name}/referrers/${subject}`, page, last.digest, filter)),
      });
    },
  };
}
