import type { Logger } from '@berth/protocol';
import { findTokenBySecret, touchToken, type OwnedToken } from '../credentials/personal-tokens.ts';
import { hashSecret, isSecret } from '../credentials/secret.ts';
import type { TokenDatabase } from '../database.ts';
import type { Authenticator, Identity } from './authenticator.ts';

export interface PersonalTokenAuthenticatorOptions {
  readonly database: TokenDatabase;
  readonly logger: Logger;
}

/**
 * A personal access token as the password, under any user name. What is not in its form is for the next authenticator. A
 * right one is never throttled: nobody guesses 178 bits, and to compare one costs nothing.
 */
export function personalTokenAuthenticator(options: PersonalTokenAuthenticatorOptions): Authenticator {
  return {
    name: 'personal-token',
    guess: 'secret',
    authenticate: async ({ secret }) => {
      if (!isSecret(secret)) return 'unknown';
      const found = await findTokenBySecret(options.database.reader, hashSecret(secret));
      const now = Date.now();
      if (found === undefined) return 'wrong';
      const ended = whyEnded(found, now);
      if (ended !== undefined) return { ended, owner: found.owner.name, credential: found.token.id };
      await noteUse(options, found, now);
      return identityOf(found);
    },
  };
}

function whyEnded({ token, owner }: OwnedToken, now: number): string | undefined {
  if (owner.disabled !== 0) return 'the account of the personal access token is disabled';
  const { expires_at: end } = token;
  return end === null || end > now ? undefined : 'the personal access token has ended';
}

/** A login does not fail because its time cannot be written, as on a full disk. */
async function noteUse(
  { database, logger }: PersonalTokenAuthenticatorOptions,
  { token }: OwnedToken,
  now: number,
): Promise<void> {
  try {
    await touchToken(database, token, now);
  } catch (error) {
    logger.warn({ error, credential: token.id }, 'the last use of a token cannot be written');
  }
}

function identityOf({ token, owner }: OwnedToken): Identity {
  const { id, name, kind, epoch } = owner;
  return { account: { id, name, kind: kind === 'robot' ? 'robot' : 'user' }, epoch, credential: token.id };
}
