import type { IncomingMessage } from 'node:http';
import type { Access, RepositoryFacts } from '@berth/protocol';
import type { Reply } from '@berth/protocol/http';

/** One request of the registry's API, after its path was understood and its access decided. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly query: URLSearchParams;
  readonly access: Access;
  /** What the name in the path stands for. */
  readonly repository: RepositoryFacts;
  /** The last part of the path: a tag, a digest, the id of an upload. */
  readonly argument: string;
}

export type Handler = (exchange: Exchange) => Promise<Reply>;
