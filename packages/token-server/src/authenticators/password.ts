import { isNameComponent, type Logger } from '@berth/protocol';
import { recordIn } from '../audit-log.ts';
import { isBcrypt } from '../credentials/bcrypt.ts';
import { isKnownHash, type PasswordHasher } from '../credentials/password-hash.ts';
import type { PasswordMemory } from '../credentials/password-memory.ts';
import type { TokenDatabase } from '../database.ts';
import { findSubject, type SubjectRow } from '../subjects/subjects.ts';
import { replaceHash } from '../subjects/users.ts';
import type { Authenticator, Identity, LoginAttempt } from './authenticator.ts';

export interface PasswordAuthenticatorOptions {
  readonly database: TokenDatabase;
  readonly hasher: PasswordHasher;
  readonly memory: PasswordMemory;
  readonly logger: Logger;
}

/**
 * The password of a user. A name that is unknown, disabled or without a password costs the same time as a wrong one, and
 * so does one whose stored hash has a format that is not known: the log says so once. Also a remembered password waits
 * while there were too many failures: it could be guessed without one slow hash otherwise.
 */
export function passwordAuthenticator(options: PasswordAuthenticatorOptions): Authenticator {
  const { database, hasher, memory, logger } = options;
  const warned = new Set<string>();
  const warnOnce = (stored: string, user: string) => {
    if (isKnownHash(stored) || warned.has(stored)) return;
    warned.add(stored);
    logger.warn({ user }, 'the stored password has a format that is not known: this user needs a new one');
  };
  return {
    name: 'password',
    guess: 'password',
    authenticate: async ({ user, secret, address }, allowed) => {
      await allowed();
      const row = isNameComponent(user) ? await findSubject(database.reader, 'user', user) : undefined;
      const stored = row?.disabled === 0 ? row.password_hash : null;
      if (row !== undefined && stored !== null && memory.has(stored, secret)) return identityOf(row);
      const right = await hasher.verify(secret, stored, allowed);
      if (row === undefined || stored === null) return 'wrong';
      if (!right) {
        warnOnce(stored, row.name);
        return 'wrong';
      }
      memory.add(isBcrypt(stored) ? await rehash(options, row, { secret, address }) : stored, secret);
      return identityOf(row);
    },
  };
}

/** Resolves to the stored hash as it is then. Where it cannot be written, the next login tries again. */
async function rehash(
  { database, hasher, logger }: PasswordAuthenticatorOptions,
  row: SubjectRow,
  { secret, address }: Pick<LoginAttempt, 'secret' | 'address'>,
): Promise<string> {
  const stored = row.password_hash ?? '';
  try {
    const passwordHash = await hasher.hash(secret);
    const replaced = await database.transaction(async (trx) => {
      if (!(await replaceHash(trx, row, passwordHash))) return false;
      const { name } = row;
      await recordIn(trx, { action: 'user.rehash', outcome: 'done', actor: name, address, target: name });
      return true;
    });
    return replaced ? passwordHash : stored;
  } catch (error) {
    logger.warn({ error, user: row.name }, 'an imported password cannot be hashed again');
    return stored;
  }
}

function identityOf({ id, name, epoch }: SubjectRow): Identity {
  return { account: { id, name, kind: 'user' }, epoch };
}
