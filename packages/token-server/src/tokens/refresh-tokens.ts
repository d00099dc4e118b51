import type { Account } from '@berth/protocol';
import { randomUUID } from 'node:crypto';
import { insertToken } from '../credentials/personal-tokens.ts';
import { hashSecret, randomBase62 } from '../credentials/secret.ts';
import type { Queries, TokenDatabase, TokenTransaction } from '../database.ts';
import type { CredentialTable } from '../schema/credential.ts';

/** In milliseconds: after it, one logs in again. Clients keep one for as long as it is good (rule 20). */
const life = 90 * 24 * 60 * 60 * 1000;

/** For one account and service: `docker login` makes one each time, and the oldest ends for the newest. */
const most = 100;

/** Not that of a personal access token: neither can be taken for the other. */
const prefix = 'brr_';

/** Stands for a login with a password, at one service, until the password changes. */
export interface RefreshTokens {
  /** The secret, which is stored hashed only. */
  make(account: Account, epoch: number, service: string): Promise<string>;
  /** Whose it is, or why it is not good at this service. */
  find(secret: string, service: string): Promise<{ uid: string; epoch: number } | BadRefreshToken>;
}

export interface BadRefreshToken {
  /** For the audit. */
  readonly bad: string;
  /** Name of the account that it was made for. Absent: there is no such token, or not any more. */
  readonly owner?: string;
}

export function createRefreshTokens(database: TokenDatabase): RefreshTokens {
  return {
    async make(account, epoch, service) {
      const secret = `${prefix}${randomBase62(43)}`;
      const row = rowOf(secret, { account, epoch, service });
      await database.transaction(async (trx) => {
        await removeEnded(trx, row);
        await makeRoom(trx, row);
        await insertToken(trx, row);
      });
      return secret;
    },
    async find(secret, service) {
      const row = secret.startsWith(prefix) ? await findRow(database.reader, secret) : undefined;
      if (row === undefined) return { bad: 'there is no such refresh token' };
      const bad = whatIsBad(row, service);
      return bad === undefined ? { uid: row.uid, epoch: row.epoch } : { bad, owner: row.owner };
    },
  };
}

type FoundRow = NonNullable<Awaited<ReturnType<typeof findRow>>>;

function findRow(db: Queries, secret: string) {
  return db
    .selectFrom('credential')
    .innerJoin('subject', 'subject.id', 'credential.subject_id')
    .select([
      'credential.subject_id as uid',
      'credential.epoch',
      'credential.service',
      'credential.expires_at',
    ])
    .select(['subject.name as owner', 'subject.disabled', 'subject.epoch as epochNow'])
    .where('credential.secret_hash', '=', hashSecret(secret))
    .where('credential.kind', '=', 'refresh')
    .executeTakeFirst();
}

function whatIsBad(row: FoundRow, service: string): string | undefined {
  if (row.disabled !== 0) return 'the account of the refresh token is disabled';
  if (row.service !== service) return 'the refresh token is for another service';
  if (row.expires_at === null || row.expires_at <= Date.now()) return 'the refresh token has ended';
  if (row.epoch !== row.epochNow) return 'the refresh token is older than the password';
  return undefined;
}

interface Login {
  readonly account: Account;
  readonly epoch: number;
  readonly service: string;
}

function rowOf(secret: string, { account, epoch, service }: Login): CredentialTable {
  const now = Date.now();
  return {
    id: randomUUID(),
    kind: 'refresh',
    subject_id: account.id,
    name: '',
    secret_hash: hashSecret(secret),
    scopes: null,
    service,
    epoch,
    created_at: now,
    expires_at: now + life,
    last_used_at: null,
  };
}

/** Those of the same account that are good no more. */
async function removeEnded(
  trx: TokenTransaction,
  { subject_id, epoch, created_at: now }: CredentialTable,
): Promise<void> {
  await trx
    .deleteFrom('credential')
    .where('subject_id', '=', subject_id)
    .where('kind', '=', 'refresh')
    .where((eb) => eb.or([eb('expires_at', '<=', now), eb('epoch', '<', epoch)]))
    .execute();
}

async function makeRoom(trx: TokenTransaction, { subject_id, service }: CredentialTable): Promise<void> {
  const alike = trx
    .selectFrom('credential')
    .select('id')
    .where('subject_id', '=', subject_id)
    .where('kind', '=', 'refresh')
    .where('service', '=', service);
  const ended = alike
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .limit(-1)
    .offset(most - 1);
  await trx.deleteFrom('credential').where('id', 'in', ended).execute();
}
