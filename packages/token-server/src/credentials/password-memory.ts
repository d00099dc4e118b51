import { createHmac, randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { atMost } from '../at-most.ts';

/**
 * Passwords that were right a moment ago: `docker push` sends the same one for each scope, and each would cost an
 * argon2. Only a keyed hash of it is kept, in memory. The stored hash is part of what is hashed, so that a changed
 * password is forgotten at once.
 */
export interface PasswordMemory {
  has(stored: string, password: string): boolean;
  add(stored: string, password: string): void;
}

/** @param duration in milliseconds */
export function createPasswordMemory({ duration = 60_000, most = 10_000 } = {}): PasswordMemory {
  const key = randomBytes(32);
  const known = new LRUCache<string, true>({ ...atMost(most), ttl: duration });
  const digest = (stored: string, password: string) =>
    createHmac('sha256', key).update(stored).update('\0').update(password).digest('base64');
  return {
    has: (stored, password) => known.get(digest(stored, password)) === true,
    add: (stored, password) => void known.set(digest(stored, password), true),
  };
}
