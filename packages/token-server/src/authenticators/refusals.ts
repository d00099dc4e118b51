import type { AuditEvent, AuditLog } from '@berth/protocol';

/** Whose logins are refused: an account, an address, or both together. */
export type Refused = Pick<AuditEvent, 'actor' | 'address'>;

/** The audit of logins that are refused unread: a guesser makes thousands, and one row a minute says so. */
export interface Refusals {
  add(refused: Refused): void;
  /** Records what is counted now. */
  flush(): void;
}

export interface RefusalsOptions {
  readonly audit: AuditLog;
  /** Between two rows about the same, in milliseconds. */
  readonly interval?: number;
  /** Beyond so many accounts and addresses in an interval, the others are one row together. */
  readonly most?: number;
}

type Counts = Map<string, Refused & { count: number }>;

/** No key of an account or an address. */
const others = '';

export function createRefusals({ audit, interval = 60_000, most = 1000 }: RefusalsOptions): Refusals {
  const counts: Counts = new Map();
  let timer: NodeJS.Timeout | undefined;
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    for (const refused of counts.values()) record(audit, refused);
    counts.clear();
  };
  return {
    add: ({ actor, address = '' }) => {
      const key = `${actor} ${address}`;
      const isCounted = counts.has(key) || counts.size < most;
      if (isCounted) count(counts, key, { actor, address });
      else count(counts, others, { actor: 'anonymous' });
      timer ??= setTimeout(flush, interval).unref();
    },
    flush,
  };
}

function count(counts: Counts, key: string, refused: Refused): void {
  const known = counts.get(key);
  if (known === undefined) counts.set(key, { ...refused, count: 1 });
  else known.count += 1;
}

function record(audit: AuditLog, { count, ...refused }: Refused & { readonly count: number }): void {
  const reason = `too many failures: ${count} ${count === 1 ? 'login was' : 'logins were'} refused`;
  audit.record({ action: 'login', outcome: 'denied', ...refused, reason });
}
