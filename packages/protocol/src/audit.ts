import type { AuditAction } from './audit-actions.ts';

export const auditOutcomes = ['done', 'denied', 'failed'] as const;

/** `failed`: a login, or what could not be written down. */
export type AuditOutcome = (typeof auditOutcomes)[number];

/** One line of the record of who did what. Never a password, a token or a hash. */
export interface AuditEvent {
  /** Also of what was denied: what was tried. */
  readonly action: AuditAction;
  readonly outcome: AuditOutcome;
  /** Name of the account, `local` for the command line, `anonymous`. */
  readonly actor: string;
  readonly address?: string | undefined;
  /** The id of the personal access token that was used, or tried. */
  readonly credential?: string | undefined;
  readonly repository?: string | undefined;
  /** What was acted upon: a name, an id, a tag, a digest. */
  readonly target?: string | undefined;
  readonly before?: unknown;
  readonly after?: unknown;
  readonly reason?: string | undefined;
}

export interface AuditLog {
  /** Never throws and never makes a request wait: events are written behind it and not lost on a clean stop. */
  record(event: AuditEvent): void;
}

/** A log in the same database as the changes that it records. */
export interface TransactionalAuditLog extends AuditLog {
  /**
   * Writes a change in the transaction that makes it: neither is there without the other. `trx` is a transaction of
   * Kysely on the database that the log is kept in, as `Database.transaction` of `@berth/database` gives it.
   */
  recordIn(trx: object, event: AuditEvent): Promise<void>;
}
