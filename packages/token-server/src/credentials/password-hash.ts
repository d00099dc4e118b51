import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { bcryptCost, isBcrypt, verifyBcrypt } from './bcrypt.ts';
import { createBounded, type BoundedOptions } from './bounded.ts';

export interface PasswordHasher {
  /** In PHC string format: `$argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>`. */
  hash(password: string): Promise<string>;
  /**
   * Takes as long where there is nothing `stored`, or what {@link isKnownHash} does not know, and says no. `before` is
   * called when its turn has come; where that throws, nothing slow is done.
   */
  verify(password: string, stored: string | null | undefined, before?: () => Promise<void>): Promise<boolean>;
}

interface Hashed {
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
  readonly salt: Buffer;
  readonly hash: Buffer;
}

const derive = promisify(argon2);

/** OWASP Password Storage Cheat Sheet: 19 MiB, two passes, one lane. 58 ms on one core. */
const cost = { memory: 19_456, passes: 2, parallelism: 1 };
const saltLength = 16;
const hashLength = 32;

/** The cost with which bcrypt takes as long. */
const sameCostOfBcrypt = 10;

/** In characters. */
export const shortestPassword = 8;
/** In bytes of UTF-8. */
export const longestPassword = 1024;

/** Two at once leave threads of the pool for files; sixty more wait two seconds. */
const defaultBounds: BoundedOptions = { atOnce: 2, waiting: 60 };

/** Both functions throw `TOOMANYREQUESTS` where too many wait for a slow hash already. */
export function createPasswordHasher(bounds: BoundedOptions = defaultBounds): PasswordHasher {
  const bounded = createBounded(bounds);
  const nobody: Hashed = { ...cost, salt: randomBytes(saltLength), hash: randomBytes(hashLength) };
  return {
    hash: async (password) => {
      const salt = randomBytes(saltLength);
      const hash = await bounded(() => compute(password, { ...cost, salt, hash: nobody.hash }));
      return format({ ...cost, salt, hash });
    },
    verify: async (password, stored, before) => {
      if (Buffer.byteLength(password) > longestPassword) return false;
      return bounded(async () => {
        await before?.();
        if (stored && (await compare(password, stored))) return true;
        if (!stored || isCheap(stored)) await compute(password, nobody);
        return false;
      });
    },
  };
}

async function compare(password: string, stored: string): Promise<boolean> {
  if (isBcrypt(stored)) return verifyBcrypt(password, stored);
  const hashed = parse(stored);
  return hashed !== undefined && timingSafeEqual(await compute(password, hashed), hashed.hash);
}

/**
 * Whether to compare with it takes less time than Berth's own hashes do, as with the cost 5 of `htpasswd` (2 ms), or none
 * as its format is not known: that would show whose account exists.
 */
function isCheap(stored: string): boolean {
  if (isBcrypt(stored)) return bcryptCost(stored) < sameCostOfBcrypt;
  const { memory, passes } = parse(stored) ?? { memory: 0, passes: 0 };
  return memory * passes < cost.memory * cost.passes;
}

async function compute(password: string, { hash, salt, ...cost }: Hashed): Promise<Buffer> {
  return derive('argon2id', { ...cost, message: password, nonce: salt, tagLength: hash.length });
}

function format({ memory, passes, parallelism, salt, hash }: Hashed): string {
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${encode(salt)}$${encode(hash)}`;
}

const phc = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

/** Whether a stored hash can be verified here: bcrypt, or argon2id in PHC string format, as other makers write them. */
export function isKnownHash(stored: string): boolean {
  return isBcrypt(stored) || parse(stored) !== undefined;
}

function parse(stored: string): Hashed | undefined {
  const [, memory, passes, parallelism, salt = '', hash = ''] = phc.exec(stored) ?? [];
  const hashed = {
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
    salt: Buffer.from(salt, 'base64'),
    hash: Buffer.from(hash, 'base64'),
  };
  return isComputable(hashed) ? hashed : undefined;
}

/** Within RFC 9106, section 3.1, and within 1 GiB: with anything else `argon2` throws, or takes all memory. */
function isComputable({ memory, passes, parallelism, salt, hash }: Hashed): boolean {
  if (salt.length < 8 || hash.length < 4) return false;
  return passes >= 1 && passes <= 100 && parallelism >= 1 && memory >= 8 * parallelism && memory <= 2 ** 20;
}

/** Base 64 without padding, as the PHC string format has it. */
function encode(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
