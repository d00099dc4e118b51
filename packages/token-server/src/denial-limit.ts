import type { AuditEvent } from '@berth/protocol';
import type { BufferedAuditLog } from './audit-log.ts';
import { networkOf } from './authenticators/network.ts';

export interface DenialLimits {
  /** In milliseconds. */
  readonly interval?: number;
  /** Denials of one network that are written down in an interval. */
  readonly ofOne?: number;
  /** Denials of all networks that are written down in an interval. */
  readonly ofAll?: number;
}

/** Anonymous denials of one interval by network: those that were written down, and those that were only counted. */
interface Tally {
  readonly written: Map<string, number>;
  readonly counted: Map<string, number>;
  total: number;
}

/** Of networks of which nothing was written down. */
const others = '';

/**
 * The log, which takes all as it comes but denials of anonymous clients. These can be made thousands of times a second by
 * anybody, and would fill the disk: beyond the limits they are counted, and the counts are events at the end of the interval.
 * What accounts are denied is written down whole: they can be disabled.
 */
export function limitAnonymousDenials(
  log: BufferedAuditLog,
  { interval = 60_000, ofOne = 300, ofAll = 3000 }: DenialLimits = {},
): BufferedAuditLog {
  let tally = emptyTally();
  let timer: NodeJS.Timeout | undefined;
  const tell = () => {
    clearTimeout(timer);
    timer = undefined;
    for (const [address, count] of tally.counted) log.record(countEvent(address, count));
    tally = emptyTally();
  };
  const recordLimited = (event: AuditEvent) => {
    timer ??= setTimeout(tell, interval).unref();
    const network = networkOf(event.address ?? '');
    const before = tally.written.get(network) ?? 0;
    if (before >= ofOne || tally.total >= ofAll) return add(tally.counted, before > 0 ? network : others);
    tally.total += 1;
    add(tally.written, network);
    log.record(event);
  };
  return {
    record: (event) => (isByNobody(event) ? recordLimited(event) : log.record(event)),
    recordIn: (trx, event) => log.recordIn(trx, event),
    flush: () => log.flush(),
    close: () => {
      tell();
      return log.close();
    },
  };
}

/** A failed login is nobody's, whatever name was tried: guesses of tokens are not slowed where each has another address. */
function isByNobody({ action, outcome, actor }: AuditEvent): boolean {
  return (outcome === 'denied' && actor === 'anonymous') || (action === 'login' && outcome === 'failed');
}

function emptyTally(): Tally {
  return { written: new Map(), counted: new Map(), total: 0 };
}

function add(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** In place of denials that were not written down. */
function countEvent(address: string, count: number): AuditEvent {
  const reason = 'clients that proved to be nobody were refused more often in a minute than is written down';
  return { action: 'audit.drop', outcome: 'failed', actor: 'local', address, after: { count }, reason };
}
