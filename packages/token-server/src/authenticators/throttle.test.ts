import type { AuditEvent } from '@berth/protocol';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Guess } from './authenticator.ts';
import { createThrottle, type Throttle } from './throttle.ts';

let rows: AuditEvent[];
let throttle: Throttle;

beforeEach(() => {
  vi.useFakeTimers();
  rows = [];
  throttle = throttled(rows);
});

afterEach(() => void vi.useRealTimers());

const throttled = (into: AuditEvent[] = []) =>
  createThrottle({ audit: { record: (event) => void into.push(event) } });

const later = (milliseconds: number) => void vi.advanceTimersByTime(milliseconds);

const home = '192.0.2.7';
const away = '198.51.100.1';
/** The host `number` of 65,536. */
const host = (number: number) => `10.0.${number >> 8}.${number & 255}`;
const by = (user: string, address: string) => ({ user, address, secret: 'x' });

/** `Retry-After` of a refusal, or that there was none. */
async function outcome(work: Promise<void>): Promise<string> {
  try {
    await work;
    return 'answered';
  } catch (error) {
    expect(error).toMatchObject({ code: 'TOOMANYREQUESTS', status: 429 });
    return (error as { headers: Record<string, string> }).headers['Retry-After'] ?? '';
  }
}

const check = (user: string, address: string) => outcome(throttle.check(by(user, address)));
const fail = (user: string, address: string, guess: Guess = 'password') =>
  outcome(throttle.fail(by(user, address), guess));

async function failures(count: number, attempt: (index: number) => [user: string, address: string]) {
  const seen = new Set<string>();
  for (let index = 0; index < count; index += 1) seen.add(await fail(...attempt(index)));
  return [...seen];
}

describe('after too many failures', () => {
  test.each<
    [
      says: string,
      count: number,
      attempt: (index: number) => [string, string],
      also: [string, string][],
      not: [string, string][],
    ]
  >([
    [
      'of one address at one account, these two',
      10,
      () => ['alice', home],
      [['alice', home]],
      [
        ['alice', away],
        ['bob', home],
      ],
    ],
    [
      'of a /64 of IPv6, all of it',
      10,
      (index) => ['alice', `2001:db8::${index}`],
      [['alice', '2001:db8::ffff']],
      [
        ['alice', '2001:db8:0:1::1'],
        ['bob', '2001:db8::1'],
      ],
    ],
    [
      'of one address at many accounts, this address',
      100,
      (index) => [`user${index}`, home],
      [
        ['alice', home],
        ['user1', home],
        ['Not A Name', home],
      ],
      [
        ['alice', away],
        ['user1', away],
      ],
    ],
    [
      'of many addresses at one account, this account',
      300,
      (index) => ['alice', host(index)],
      [
        ['alice', home],
        ['alice', away],
      ],
      [
        ['bob', home],
        ['bob', host(1)],
      ],
    ],
  ])('%s must wait', async (_, count, attempt, refused, answered) => {
    expect(await failures(count, attempt)).toEqual(['answered']);
    for (const [user, address] of refused) {
      expect(await check(user, address)).toMatch(/^[1-9]\d*$/);
      expect(await fail(user, address)).toMatch(/^[1-9]\d*$/);
    }
    for (const [user, address] of answered) expect(await check(user, address)).toBe('answered');
  });
});

test('100 failures from 100 addresses lock the account out of no other address', async () => {
  expect(await failures(100, (index) => ['alice', host(index)])).toEqual(['answered']);
  expect(await check('alice', home)).toBe('answered');
});

test('Retry-After is in seconds, and then there are as many attempts again', async () => {
  await failures(10, () => ['alice', home]);
  expect(await check('alice', home)).toBe('300');
  later(298_500);
  expect(await check('alice', home)).toBe('2');
  later(1499);
  expect(await check('alice', home)).toBe('1');
  later(1);
  expect(await failures(10, () => ['alice', home])).toEqual(['answered']);
  expect(await check('alice', home)).toBe('300');
});

test('a known address of an account answers for itself alone, until a day is over', async () => {
  throttle.pass(by('alice', home));
  await failures(300, (index) => ['alice', host(index)]);
  await failures(100, (index) => [`user${index}`, home]);
  expect(await check('alice', home)).toBe('answered');
  expect(await check('alice', away)).toMatch(/^\d+$/);
  expect(await check('bob', home)).toMatch(/^\d+$/);
  expect(await failures(10, () => ['alice', home])).toEqual(['answered']);
  expect(await check('alice', home)).toBe('300');

  later(24 * 3600 * 1000);
  await failures(100, (index) => [`user${index}`, home]);
  expect(await check('alice', home)).toBe('300');
});

test('what was right never counts', async () => {
  for (let count = 0; count < 1000; count += 1) {
    expect(await check('alice', home)).toBe('answered');
    throttle.pass(by('alice', home));
  }
});

test('guessed secrets count for the address, under whatever name', async () => {
  for (let index = 0; index < 100; index += 1) expect(await fail('alice', home, 'secret')).toBe('answered');
  expect(await fail('', home, 'secret')).toBe('300');
  expect(await check('bob', home)).toBe('300');
  expect(await check('alice', away)).toBe('answered');
});

test('an unknown name, a known one and what is no name are told the same', async () => {
  const guess = fc.record({ who: fc.constantFrom(0, 1), where: fc.nat(3), waits: fc.nat(40_000) });
  await fc.assert(
    fc.asyncProperty(fc.array(guess, { minLength: 20, maxLength: 200 }), async (guesses) => {
      const told = async (names: readonly string[]) => {
        throttle = throttled();
        const all: string[] = [];
        for (const { who, where, waits } of guesses) {
          later(waits);
          all.push(await fail(names[who] ?? '', host(where)));
        }
        return all;
      };
      expect(await told(['nobody', 'x'.repeat(100_000)])).toEqual(await told(['alice', 'bob']));
    }),
    { numRuns: 30 },
  );
});

test('no mix of attempts at once gets one address more than ten answers for an account', async () => {
  const all = Array.from({ length: 200 }, () => fail('alice', home));
  expect((await Promise.all(all)).filter((told) => told === 'answered').length).toBe(10);
});

test('a refusal says how long to wait', async () => {
  await failures(10, () => ['alice', home]);
  const refused = () => throttle.check(by('alice', home));
  await expect(refused()).rejects.toThrow('too many failed logins, try again in 5 minutes');
  later(250_000);
  await expect(refused()).rejects.toThrow('too many failed logins, try again in a minute');
});

describe('the audit of refusals', () => {
  test('has one row a minute for an account and an address, with a count', async () => {
    await failures(10, () => ['alice', home]);
    for (let second = 0; second < 90; second += 1) {
      for (let count = 0; count < 10; count += 1) await check('alice', home);
      later(1000);
    }
    const row = { action: 'login', outcome: 'denied', actor: 'alice', address: home };
    const reason = (count: number) => `too many failures: ${count} logins were refused`;
    expect(rows).toEqual([{ ...row, reason: reason(600) }]);
    throttle.close();
    expect(rows).toEqual([
      { ...row, reason: reason(600) },
      { ...row, reason: reason(300) },
    ]);
    later(600_000);
    expect(rows.length).toBe(2);
  });

  test('has one row for an address that tries many names, and none of what is no name', async () => {
    await failures(100, (index) => [`user${index}`, '2001:db8::1']);
    for (let index = 0; index < 500; index += 1) await check(`user${index}`, '2001:db8::2');
    throttle.close();
    const reason = 'too many failures: 500 logins were refused';
    expect(rows).toMatchObject([{ actor: 'anonymous', address: '2001:db8:0:0::/64', reason }]);
    await failures(10, () => ['a secret in the wrong field', home]);
    await check('a secret in the wrong field', home);
    throttle.close();
    expect(rows[1]).toMatchObject({ actor: 'anonymous', reason: 'too many failures: 1 login was refused' });
  });
});
