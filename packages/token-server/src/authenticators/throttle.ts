import { isNameComponent, OciError, type AuditLog } from '@berth/protocol';
import { LRUCache } from 'lru-cache';
import { createHash } from 'node:crypto';
import { atMost } from '../at-most.ts';
import type { Guess, LoginAttempt } from './authenticator.ts';
import { createFailureLimiter } from './failure-limiter.ts';
import { networkOf } from './network.ts';
import { createRefusals, type Refused } from './refusals.ts';

/**
 * Slows guessing down, by failures alone. Whether an account exists makes no difference to it. The address is that of
 * the client behind trusted proxies: behind a proxy that is not configured, all are one address.
 */
export interface Throttle {
  /** To be asked before a password is compared. Throws `TOOMANYREQUESTS` with `Retry-After` in seconds. */
  check(attempt: LoginAttempt): Promise<void>;
  /** Counts a failure. Throws as {@link check} where it was one too many. */
  fail(attempt: LoginAttempt, guess: Guess): Promise<void>;
  /** A password was right. */
  pass(attempt: LoginAttempt): void;
  /** Writes to the audit what waits for it. */
  close(): void;
}

/**
 * - One address at one account: ten in five minutes. A person who has forgotten his password types four or five; a
 *   program gets 2,880 a day, which finds no password of eight characters that is not in a list.
 * - One account from everywhere: 300 in an hour, so that a botnet gets 7,200 a day, and a single address, with its 120
 *   an hour, cannot lock somebody else out.
 * - One address at all accounts: 100 in five minutes. An office behind one address makes fewer typing errors; one that
 *   tries one password with every account gets no further than a hundred names.
 */
const figures = {
  pair: { points: 10, duration: 300, most: 50_000 },
  account: { points: 300, duration: 3600, most: 50_000 },
  address: { points: 100, duration: 300, most: 50_000 },
};

/** How long an address stays known for an account, in milliseconds: a working day and a night. */
const familiarity = 24 * 3600 * 1000;

type Limit = Refused & { readonly kind: keyof typeof figures; readonly key: string };

export function createThrottle({ audit }: { readonly audit: AuditLog }): Throttle {
  const limiters = {
    pair: createFailureLimiter(figures.pair),
    account: createFailureLimiter(figures.account),
    address: createFailureLimiter(figures.address),
  };
  const familiar = new LRUCache<string, number>(atMost(10_000));
  const refusals = createRefusals({ audit });
  const refuse = (limit: Limit, wait: number): never => {
    refusals.add({ actor: limit.actor, address: limit.address });
    throw tooMany(wait);
  };
  const isFamiliar = ({ key }: Limit) => Date.now() - (familiar.get(key) ?? -Infinity) < familiarity;
  /** Where the account logged in lately, what others do elsewhere or to others does not lock it out. */
  const limitsFor = (attempt: LoginAttempt): Limit[] => {
    const [pair, ...loose] = passwordLimits(attempt);
    return isFamiliar(pair) ? [pair] : [pair, ...loose];
  };
  return {
    check: async (attempt) => {
      for (const limit of limitsFor(attempt)) {
        const wait = await limiters[limit.kind].waitFor(limit.key);
        if (wait > 0) refuse(limit, wait);
      }
    },
    fail: async (attempt, guess) => {
      for (const limit of guess === 'secret' ? [addressLimit(attempt)] : limitsFor(attempt)) {
        const wait = await limiters[limit.kind].fail(limit.key);
        if (wait > 0) refuse(limit, wait);
      }
    },
    pass: (attempt) => void familiar.set(passwordLimits(attempt)[0].key, Date.now()),
    close: () => refusals.flush(),
  };
}

function passwordLimits(attempt: LoginAttempt): [pair: Limit, account: Limit, address: Limit] {
  const actor = isNameComponent(attempt.user) ? attempt.user : 'anonymous';
  const account = createHash('sha256').update(attempt.user).digest('base64');
  const address = addressLimit(attempt);
  return [
    { kind: 'pair', key: `${account} ${address.key}`, actor, address: address.key },
    { kind: 'account', key: account, actor },
    address,
  ];
}

function addressLimit({ address }: LoginAttempt): Limit {
  const network = networkOf(address);
  return { kind: 'address', key: network, actor: 'anonymous', address: network };
}

/** Rule 45: 429, and not 401, or clients ask for another password. */
function tooMany(wait: number): OciError {
  return new OciError('TOOMANYREQUESTS', {
    message: `too many failed logins, try again in ${minutes(wait)}`,
    headers: { 'Retry-After': String(Math.ceil(wait / 1000)) },
  });
}

/** Clients print the message, and none of them `Retry-After`. */
function minutes(wait: number): string {
  const count = Math.ceil(wait / 60_000);
  return count === 1 ? 'a minute' : `${count} minutes`;
}
