import type { AuditEvent, AuditLog, Logger } from '@berth/protocol';
import type { Insertable } from 'kysely';
import type { TokenDatabase, TokenTransaction } from './database.ts';
import type { AuditTable } from './schema/audit.ts';

/** An {@link AuditLog} that writes behind the requests. */
export interface BufferedAuditLog extends AuditLog {
  /** Writes what waits now. */
  flush(): Promise<void>;
  /** Writes what waits, and stops. */
  close(): Promise<void>;
}

export interface AuditLogOptions {
  readonly database: TokenDatabase;
  readonly logger: Logger;
  /** How long an event waits for others, in milliseconds. */
  readonly delay?: number;
}

type Row = Insertable<AuditTable>;

/** While the database cannot be written, newer events are dropped beyond this, and the log says so. */
const mostWaiting = 10_000;

/** SQLite takes 32,766 parameters in a statement; a row has eleven. */
const rowsAtOnce = 500;

/** Where a change belongs: in the transaction that makes it. */
export async function recordIn(trx: TokenTransaction, event: AuditEvent): Promise<void> {
  await trx.insertInto('audit').values(toRow(event)).execute();
}

export function createAuditLog({ database, logger, delay = 200 }: AuditLogOptions): BufferedAuditLog {
  let waiting: Row[] = [];
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();

  const write = async () => {
    const rows = waiting;
    waiting = [];
    if (rows.length === 0) return;
    try {
      await database.transaction((trx) => insertAll(trx, rows));
    } catch (error) {
      waiting = [...rows, ...waiting];
      logger.error({ error, events: waiting.length }, 'the audit log cannot be written');
    }
  };
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    return (writing = writing.then(write));
  };
  const record = (event: AuditEvent) => {
    if (waiting.length >= mostWaiting)
      return logger.error({ action: event.action }, 'an audit event was dropped');
    waiting.push(toRow(event));
    timer ??= setTimeout(flush, delay).unref();
  };
  return { record, flush, close: flush };
}

async function insertAll(trx: TokenTransaction, rows: readonly Row[]): Promise<void> {
  for (let from = 0; from < rows.length; from += rowsAtOnce) {
    await trx
      .insertInto('audit')
      .values(rows.slice(from, from + rowsAtOnce))
      .execute();
  }
}

function toRow(event: AuditEvent): Row {
  const { action, outcome, actor, address, credential, repository, target, before, after, reason } = event;
  return {
    at: Date.now(),
    action,
    outcome,
    actor,
    address: address || null,
    credential: credential ?? null,
    repository: repository ?? null,
    target: target ?? null,
    before: before === undefined ? null : JSON.stringify(before),
    after: after === undefined ? null : JSON.stringify(after),
    reason: reason ?? null,
  };
}
