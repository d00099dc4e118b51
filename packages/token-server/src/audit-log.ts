import { setImmediate as turn } from 'node:timers/promises';
import { compiledOnce } from '@berth/database';
import type { AuditEvent, Logger, TransactionalAuditLog } from '@berth/protocol';
import { toAuditRow, type AuditRow } from './audit-row.ts';
import type { TokenDatabase, TokenTransaction } from './database.ts';

/** A log that writes behind the requests what is no change. */
export interface BufferedAuditLog extends TransactionalAuditLog {
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
  /** How many events wait at most; what comes beyond is counted, and the count is an event. */
  readonly mostWaiting?: number;
  /** How long after a failure it is tried again, in milliseconds. */
  readonly retryDelay?: number;
}

/** While they are written no request is answered: 10 ms beside a million events. SQLite takes 32,766 parameters in a statement. */
const rowsAtOnce = 100;

/** Every push has one. */
const insertRow = compiledOnce((trx: TokenTransaction, row: AuditRow) =>
  trx.insertInto('audit').values({
    at: row.at,
    action: row.action,
    outcome: row.outcome,
    actor: row.actor,
    address: row.address,
    credential: row.credential,
    repository: row.repository,
    target: row.target,
    before: row.before,
    after: row.after,
    reason: row.reason,
  }),
);

/** Where a change belongs: in the transaction that makes it. */
export async function recordIn(trx: TokenTransaction, event: AuditEvent): Promise<void> {
  await insertRow(trx, toAuditRow(event, Date.now()));
}

export function createAuditLog({
  database,
  logger,
  delay = 200,
  mostWaiting = 10_000,
  retryDelay = 1000,
}: AuditLogOptions): BufferedAuditLog {
  const waiting: AuditRow[] = [];
  let dropped = 0;
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();

  /** What was dropped is told of with the first rows that can be written after it. */
  const writeSome = async () => {
    const count = dropped;
    const rows = waiting.slice(0, rowsAtOnce);
    const told = count === 0 ? rows : [...rows, droppedRow(count)];
    await database.transaction(async (trx) => void (await trx.insertInto('audit').values(told).execute()));
    waiting.splice(0, rows.length);
    dropped -= count;
  };
  const hasMore = () => waiting.length > 0 || dropped > 0;
  const write = async () => {
    try {
      for (; hasMore(); await turn()) await writeSome();
    } catch (error) {
      logger.error({ error, events: waiting.length, dropped }, 'the audit log cannot be written');
      timer ??= setTimeout(flush, retryDelay).unref();
    }
  };
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    return (writing = writing.then(write));
  };
  const record = (event: AuditEvent) => {
    if (waiting.length < mostWaiting) waiting.push(toAuditRow(event, Date.now()));
    else dropped += 1;
    timer ??= setTimeout(flush, delay).unref();
  };
  const close = async () => {
    await flush();
    clearTimeout(timer);
  };
  return { record, recordIn: (trx, event) => recordIn(trx as TokenTransaction, event), flush, close };
}

/** In place of the events that found no room. */
function droppedRow(count: number): AuditRow {
  const reason = 'there were more events than could be kept until they were written';
  const event = {
    action: 'audit.drop',
    outcome: 'failed',
    actor: 'local',
    after: { count },
    reason,
  } as const;
  return toAuditRow(event, Date.now());
}
