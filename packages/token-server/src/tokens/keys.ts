import { moveVersion } from '@berth/database';
import {
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type CryptoKey,
  type JWK,
} from 'jose';
import type { TokenDatabase, TokenTransaction } from '../database.ts';
import type { SigningKeyTable } from '../schema/signing-key.ts';
import type { ReadVersions, Versions } from '../versions.ts';
import { makeCertificate } from './certificate.ts';

/** A key that signs access tokens, or did. Times are milliseconds since 1970. */
export interface SigningKey {
  readonly kid: string;
  readonly algorithm: 'ES256';
  readonly createdAt: number;
  readonly signsFrom: number;
  /** When the last token that it can have signed ends; absent for the one that signs, and for those that will. */
  readonly endsAt?: number | undefined;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
  /** As published, `kid` included: registries compute thumbprints differently (rule 37). */
  readonly publicJwk: JWK;
  /** Self-signed, DER in base64, as `x5c` has it. */
  readonly certificate: string;
}

export interface Keys {
  /** Those that are published: of tokens that can still be good, and of tokens to come. Newest first. */
  list(): Promise<readonly SigningKey[]>;
  /** The newest of those that sign by now. */
  signing(): Promise<SigningKey>;
  /** `undefined` for one that never was, or has ended. */
  find(kid: string, at?: Versions): Promise<SigningKey | undefined>;
  /**
   * Publishes a new key at once, which signs after {@link KeysOptions.publishBefore} milliseconds, or from `from` on
   * where that is later; removes ended ones.
   */
  rotate(
    inTransaction?: (trx: TokenTransaction, kid: string) => Promise<void>,
    from?: number,
  ): Promise<{ kid: string; signsFrom: number }>;
}

export interface KeysOptions {
  readonly database: TokenDatabase;
  readonly versions: ReadVersions;
  /** The longest life of a token, tolerance for clocks included, in milliseconds. */
  readonly longestLife: number;
  /** How long a new key is published before it signs, in milliseconds. */
  readonly publishBefore: number;
}

/** Makes the first key where there is none. Several processes on one database end with the same one. */
export async function createKeys(options: KeysOptions): Promise<Keys> {
  const { database, versions, longestLife, publishBefore } = options;
  await makeFirst(database);
  let known: { version: number; keys: readonly SigningKey[] } = { version: -1, keys: [] };

  const list = async (at?: Versions) => {
    const { keys: version } = at ?? (await versions());
    if (known.version !== version) known = { version, keys: await loadKeys(database, longestLife) };
    const now = Date.now();
    return known.keys.filter(({ endsAt }) => endsAt === undefined || endsAt > now);
  };
  return {
    list: () => list(),
    async signing() {
      const now = Date.now();
      const key = (await list()).find(({ signsFrom }) => signsFrom <= now);
      if (key === undefined) throw new Error('no key signs: the database has lost its own');
      return key;
    },
    find: async (kid, at) => (await list(at)).find((key) => key.kid === kid),
    async rotate(inTransaction, from = 0) {
      const signsFrom = Math.max(from, Date.now() + publishBefore);
      const row = await makeRow(signsFrom);
      const ended = (await loadKeys(database, longestLife)).filter(
        ({ endsAt = Infinity }) => endsAt <= Date.now(),
      );
      await database.transaction(async (trx) => {
        await insertKey(trx, row);
        await removeKeys(
          trx,
          ended.map(({ kid }) => kid),
        );
        await inTransaction?.(trx, row.kid);
      });
      return { kid: row.kid, signsFrom };
    },
  };
}

async function makeFirst(database: TokenDatabase): Promise<void> {
  const any = await database.reader.selectFrom('signing_key').select('kid').executeTakeFirst();
  if (any !== undefined) return;
  const row = await makeRow(Date.now());
  await database.transaction(async (trx) => {
    const meanwhile = await trx.selectFrom('signing_key').select('kid').executeTakeFirst();
    if (meanwhile === undefined) await insertKey(trx, row);
  });
}

async function makeRow(signsFrom: number): Promise<SigningKeyTable> {
  const pair = await generateKeyPair('ES256', { extractable: true });
  const jwk = await exportJWK(pair.privateKey);
  const kid = await calculateJwkThumbprint(jwk);
  return {
    kid,
    algorithm: 'ES256',
    private_jwk: JSON.stringify(jwk),
    certificate: await makeCertificate(kid, pair),
    created_at: Date.now(),
    signs_from: signsFrom,
  };
}

async function insertKey(trx: TokenTransaction, row: SigningKeyTable): Promise<void> {
  await trx.insertInto('signing_key').values(row).execute();
  await moveVersion(trx, 'keys');
}

async function removeKeys(trx: TokenTransaction, kids: readonly string[]): Promise<void> {
  if (kids.length === 0) return;
  await trx.deleteFrom('signing_key').where('kid', 'in', kids).execute();
  await moveVersion(trx, 'policy');
}

/** Newest first: each ends when the tokens do that it signed before its successor took over. */
async function loadKeys(database: TokenDatabase, longestLife: number): Promise<SigningKey[]> {
  const rows = await database.reader
    .selectFrom('signing_key')
    .selectAll()
    .orderBy('signs_from', 'desc')
    .orderBy('kid')
    .execute();
  return Promise.all(
    rows.map((row, index) => {
      const successor = rows[index - 1];
      return toKey(row, successor && successor.signs_from + longestLife);
    }),
  );
}

async function toKey(row: SigningKeyTable, endsAt: number | undefined): Promise<SigningKey> {
  const { kid, algorithm, certificate, created_at: createdAt, signs_from: signsFrom } = row;
  const jwk = JSON.parse(row.private_jwk) as JWK;
  const { d: _private, ...coordinates } = jwk;
  const publicJwk = { ...coordinates, kid, alg: algorithm, use: 'sig' };
  const [privateKey, publicKey] = await Promise.all([
    importJWK(jwk, algorithm) as Promise<CryptoKey>,
    importJWK(publicJwk, algorithm) as Promise<CryptoKey>,
  ]);
  return { kid, algorithm, createdAt, signsFrom, endsAt, privateKey, publicKey, publicJwk, certificate };
}
