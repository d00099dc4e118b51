import type { Account } from '@berth/protocol';
import { randomUUID } from 'node:crypto';
import { hashSecret, randomBase62 } from '../credentials/secret.ts';
import type { TokenDatabase } from '../database.ts';

/** In milliseconds: after it, one logs in again. Clients keep one for as long as it is good (rule 20). */
const life = 90 * 24 * 60 * 60 * 1000;

/** Not that of a personal access token: neither can be taken for the other. */
const prefix = 'brr_';

/** Stands for a login with a password, at one service, until the password changes. */
export interface RefreshTokens {
  /** The secret, which is stored hashed only. */
  make(account: Account, epoch: number, service: string): Promise<string>;
  /** `undefined` where it is none, has ended, or was made for another service or before a change of the password. */
  find(secret: string, service: string): Promise<{ uid: string; epoch: number } | undefined>;
}

export function createRefreshTokens(database: TokenDatabase): RefreshTokens {
  return {
    async make(account, epoch, service) {
      const secret = `${prefix}${randomBase62(43)}`;
      const now = Date.now();
      const row = {
        id: randomUUID(),
        kind: 'refresh' as const,
        name: '',
        scopes: null,
        service,
        epoch,
        last_used_at: null,
      };
      await database.transaction(async (trx) => {
        await trx
          .deleteFrom('credential')
          .where('subject_id', '=', account.id)
          .where('kind', '=', 'refresh')
          .where((eb) => eb.or([eb('expires_at', '<=', now), eb('epoch', '<', epoch)]))
          .execute();
        await trx
          .insertInto('credential')
          .values({
            ...row,
            subject_id: account.id,
            secret_hash: hashSecret(secret),
            created_at: now,
            expires_at: now + life,
          })
          .execute();
      });
      return secret;
    },
    async find(secret, service) {
      if (!secret.startsWith(prefix)) return undefined;
      const row = await database.reader
        .selectFrom('credential')
        .innerJoin('subject', 'subject.id', 'credential.subject_id')
        .select(['credential.subject_id as uid', 'credential.epoch'])
        .where('credential.secret_hash', '=', hashSecret(secret))
        .where('credential.kind', '=', 'refresh')
        .where('credential.service', '=', service)
        .where('credential.expires_at', '>', Date.now())
        .whereRef('credential.epoch', '=', 'subject.epoch')
        .executeTakeFirst();
      return row;
    },
  };
}
