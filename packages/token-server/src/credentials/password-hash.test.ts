import { expect, test } from 'vitest';
import { cpuTime } from '@berth/protocol/testing';
import { createPasswordHasher, isKnownHash } from './password-hash.ts';

const hasher = createPasswordHasher();

test('a hash is argon2id in PHC string format, with its own salt, and is found right again', async () => {
  const stored = await hasher.hash('correct horse');
  expect(stored).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  expect(await hasher.hash('correct horse')).not.toBe(stored);
  expect(await hasher.verify('correct horse', stored)).toBe(true);
  expect(await hasher.verify('correct horsf', stored)).toBe(false);
});

/** What it takes to find a password wrong: the least of three times. */
async function costOf(stored: string | null): Promise<number> {
  const once = () => cpuTime(async () => expect(await hasher.verify('something else', stored)).toBe(false));
  return Math.min(await once(), await once(), await once());
}

/** Made by the reference implementation: `echo -n password | argon2 somesalt -id -t 2 -m 16 -p 1 -l 32`, its README. */
const reference = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';

test('a hash of the reference implementation is understood', async () => {
  expect(await hasher.verify('password', reference)).toBe(true);
  expect(await hasher.verify('Password', reference)).toBe(false);
});

test('nothing stored is no, and costs as much', async () => {
  const stored = await hasher.hash('something');
  const known = await costOf(stored);
  const unknown = await costOf(null);
  expect(unknown).toBeGreaterThan(known / 3);
  expect(unknown).toBeLessThan(known * 3);
});

test('a password over 1,024 bytes is refused without work', async () => {
  const stored = await hasher.hash('x'.repeat(1024));
  const refusal = await cpuTime(async () =>
    expect(await hasher.verify('x'.repeat(1_000_000), stored)).toBe(false),
  );
  expect(refusal).toBeLessThan((await costOf(stored)) / 2);
});

test.each([
  ['bcrypt that takes hours', '$2y$31$/OK.fbVrR/bpIqNJ5ianF.CE5elHaaO4EbggVDjb8P19RukzXSM3e'],
  ['bcrypt cut short', '$2y$05$/OK.fbVrR/bpIqNJ5ianF.CE5elHaaO4EbggVDjb8P19RukzXSM3'],
  ['SHA-1, as of htpasswd', '{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ='],
  ['no format', 'password'],
  ['no memory', reference.replace('m=65536', 'm=0')],
  ['all memory', reference.replace('m=65536', 'm=4294967295')],
  ['no passes', reference.replace('t=2', 't=0')],
  ['a short salt', reference.replace('c29tZXNhbHQ', 'c29t')],
])('a stored hash of %s is no', async (_, stored) => {
  expect(isKnownHash(stored)).toBe(false);
  expect(await hasher.verify('password', stored)).toBe(false);
});

const phrase = 'correct horse battery staple';

/** `$2y$` made by Apache `htpasswd -B`, the others by `crypt(3)` of glibc. */
test.each([
  ['$2y$05$9pzTaCRKzjJUE9siUQTxjejNGdu302DAQXIozDt8boGarDUVLubsW', phrase],
  ['$2a$04$abcdefghijklmnopqrstuu7EJV7kdjBBQxyb0HjTh9KS7.Lah/6CG', phrase],
  ['$2b$04$abcdefghijklmnopqrstuu7EJV7kdjBBQxyb0HjTh9KS7.Lah/6CG', phrase],
  ['$2b$11$abcdefghijklmnopqrstuup3CaDUB32A5v.8h9kaghOhjYGiy5YS2', phrase],
  ['$2b$04$abcdefghijklmnopqrstuum174eFeoTj0DHmtuueFaS3Wde4P7wHG', 'pässword'],
  ['$2y$04$9/bAo5FfC6NizY27nBieAOhKMSNjQKZJqERtUs39By5nWB49I8dIy', 'x'.repeat(72)],
])('a bcrypt hash %.7s… is understood', async (stored, password) => {
  expect(isKnownHash(stored)).toBe(true);
  expect(await hasher.verify(password, stored)).toBe(true);
  expect(await hasher.verify(`${password}!`, stored)).toBe(false);
  expect(await hasher.verify(password.slice(1), stored)).toBe(false);
  expect(await hasher.verify(`${password}\0${password}`, stored)).toBe(false);
});

test('what bcrypt cannot hold is refused, also where the hash was made of it', async () => {
  const made = '$2a$04$abcdefghijklmnopqrstuubzadhGtS2zEF.gu0yd0opP6cVzb.e0i';
  expect(await hasher.verify('x'.repeat(73), made)).toBe(false);
  expect(await hasher.verify('x'.repeat(72), made)).toBe(true);
});

test.each([
  ['bcrypt', '$2y$05$9pzTaCRKzjJUE9siUQTxjejNGdu302DAQXIozDt8boGarDUVLubsW'],
  ['argon2id', '$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'],
  ['hash of no known format', '{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ='],
])('a cheap %s costs as much as an unknown name', async (_, cheap) => {
  const known = await costOf(cheap);
  const unknown = await costOf(null);
  expect(unknown).toBeGreaterThan(known / 3);
  expect(unknown).toBeLessThan(known * 3);
});

test('what is not allowed any more when its turn comes costs nothing', async () => {
  const before = async () => {
    throw new Error('no');
  };
  let results: PromiseSettledResult<boolean>[] = [];
  const refusals = await cpuTime(async () => {
    const all = Array.from({ length: 40 }, () => hasher.verify('x', null, before));
    results = await Promise.allSettled(all);
  });
  expect(results.every(({ status }) => status === 'rejected')).toBe(true);
  expect(refusals).toBeLessThan(5 * (await costOf(null)));
});

test('too many at once are refused, and the rest is answered', async () => {
  const small = createPasswordHasher({ atOnce: 2, waiting: 1 });
  const results = await Promise.allSettled(Array.from({ length: 5 }, () => small.verify('x', null)));
  expect(results.map(({ status }) => status)).toEqual([
    'fulfilled',
    'fulfilled',
    'fulfilled',
    'rejected',
    'rejected',
  ]);
});
