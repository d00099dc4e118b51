import { isNameComponent, type Logger } from '@berth/protocol';
import { isKnownHash, type PasswordHasher } from '../credentials/password-hash.ts';
import type { PasswordMemory } from '../credentials/password-memory.ts';
import type { TokenDatabase } from '../database.ts';
import { findSubject, type SubjectRow } from '../subjects/subjects.ts';
import type { Authenticator, Identity } from './authenticator.ts';

export interface PasswordAuthenticatorOptions {
  readonly database: TokenDatabase;
  readonly hasher: PasswordHasher;
  readonly memory: PasswordMemory;
  readonly logger: Logger;
}

/**
 * The password of a user. A name that is unknown, disabled or without a password costs the same time as a wrong one, and
 * so does one whose stored hash has a format that is not known: the log says so once.
 */
export function passwordAuthenticator({
  database,
  hasher,
  memory,
  logger,
}: PasswordAuthenticatorOptions): Authenticator {
  const warned = new Set<string>();
  const warnOnce = (stored: string, user: string) => {
    if (isKnownHash(stored) || warned.has(stored)) return;
    warned.add(stored);
    logger.warn({ user }, 'the stored password has a format that is not known: this user needs a new one');
  };
  return {
    name: 'password',
    authenticate: async ({ user, secret }) => {
      const row = isNameComponent(user) ? await findSubject(database.reader, 'user', user) : undefined;
      const stored = row?.disabled === 0 ? row.password_hash : null;
      if (row !== undefined && stored !== null && memory.has(stored, secret)) return identityOf(row);
      const right = await hasher.verify(secret, stored);
      if (row === undefined || stored === null) return 'wrong';
      if (!right) {
        warnOnce(stored, row.name);
        return 'wrong';
      }
      memory.add(stored, secret);
      return identityOf(row);
    },
  };
}

function identityOf({ id, name, epoch, admin }: SubjectRow): Identity {
  return { account: { id, name, kind: 'user' }, epoch, admin: admin === 1 };
}
