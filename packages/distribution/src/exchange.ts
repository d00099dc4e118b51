import type { IncomingMessage } from 'node:http';
import type { Access, AuditEvent, RepositoryFacts } from '@berth/protocol';
import type { Reply } from '@berth/protocol/http';
import type { Writer } from './metadata/schema/tables.ts';

/** One request of the registry's API, after its path was understood and its access decided. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly query: URLSearchParams;
  readonly access: Access;
  /** What the name in the path stands for. */
  readonly repository: RepositoryFacts;
  /** The last part of the path: a tag, a digest, the id of an upload. */
  readonly argument: string;
  /** Writes into the audit what this request changes. */
  readonly record: RecordChange;
  /**
   * The same with the rights and the repository of now, to be asked when a body is there: it may have taken hours to come.
   * Throws as the request itself would now.
   */
  renewed(): Promise<Exchange>;
}

/** To be called in the transaction that makes the change. `target` is needed only where it is not what the path names. */
export type RecordChange = (
  trx: Writer,
  change: Pick<AuditEvent, 'target' | 'before' | 'after'>,
) => Promise<void>;

export type Handler = (exchange: Exchange) => Promise<Reply>;
