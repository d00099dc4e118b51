import { recordIn } from '../audit-log.ts';
import { longestPassword, shortestPassword, type PasswordHasher } from '../credentials/password-hash.ts';
import { randomBase62 } from '../credentials/secret.ts';
import type { TokenDatabase } from '../database.ts';
import { hasAccount, insertUser } from './users.ts';

export interface FirstAdmin {
  readonly name: string;
  /** Kept nowhere. */
  readonly password: string;
}

export interface FirstAdminOptions {
  readonly database: TokenDatabase;
  readonly hasher: PasswordHasher;
  /** Random where it is absent. */
  readonly password?: string | undefined;
}

const name = 'admin';

/**
 * Makes the administrator of a new Berth. `undefined` where there is an account already, also one that another process
 * made meanwhile. Throws `TypeError` for a password that is too short or too long.
 */
export async function ensureAdmin(options: FirstAdminOptions): Promise<FirstAdmin | undefined> {
  const { database, hasher, password = randomBase62(24) } = options;
  if (await hasAccount(database.reader)) return undefined;
  if (password.length < shortestPassword || Buffer.byteLength(password) > longestPassword) {
    throw new TypeError(
      `the password of ${name} must have ${shortestPassword} characters to ${longestPassword} bytes`,
    );
  }
  const passwordHash = await hasher.hash(password);
  return database.transaction(async (trx) => {
    if (await hasAccount(trx)) return undefined;
    await insertUser(trx, { name, createdBy: 'local', passwordHash, admin: true });
    const after = { name, admin: true };
    await recordIn(trx, { action: 'user.create', outcome: 'done', actor: 'local', target: name, after });
    return { name, password };
  });
}
