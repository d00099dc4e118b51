import type { KeyAlgorithm } from '@berth/protocol';
import { moveVersion } from '@berth/database';
import { calculateJwkThumbprint, exportJWK, importJWK, type CryptoKey, type JWK } from 'jose';
import type { Queries, TokenDatabase, TokenTransaction } from '../database.ts';
import type { SigningKeyTable } from '../schema/signing-key.ts';
import { makeCertificate } from './certificate.ts';
import { makeKeyPair, publicPartOf } from './key-algorithms.ts';

/** A key that signs access tokens, or did. Times are milliseconds since 1970. */
export interface SigningKey {
  readonly kid: string;
  readonly algorithm: KeyAlgorithm;
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

/** Rows of keys without what is secret in them. */
export type KeyFacts = Pick<SigningKeyTable, 'kid' | 'algorithm' | 'signs_from'>;

export async function makeKeyRow(algorithm: KeyAlgorithm, now: number): Promise<SigningKeyTable> {
  const pair = await makeKeyPair(algorithm);
  const jwk = await exportJWK(pair.privateKey);
  const kid = await calculateJwkThumbprint(jwk);
  const certificate = await makeCertificate(kid, pair, algorithm);
  const times = { created_at: now, signs_from: now };
  return { kid, algorithm, private_jwk: JSON.stringify(jwk), certificate, ...times };
}

export async function insertKey(trx: TokenTransaction, row: SigningKeyTable): Promise<void> {
  await trx.insertInto('signing_key').values(row).execute();
  await moveVersion(trx, 'keys');
}

export async function removeKeys(trx: TokenTransaction, kids: readonly string[]): Promise<void> {
  if (kids.length === 0) return;
  await trx.deleteFrom('signing_key').where('kid', 'in', kids).execute();
  await moveVersion(trx, 'keys');
  await moveVersion(trx, 'policy');
}

/** The one that signs last first. */
export function keyFacts(db: Queries): Promise<KeyFacts[]> {
  return db
    .selectFrom('signing_key')
    .select(['kid', 'algorithm', 'signs_from'])
    .orderBy('signs_from', 'desc')
    .orderBy('kid')
    .execute();
}

/** In the order of {@link keyFacts}: when each ends, which is when the tokens do that it signed before its successor took over. */
export function endsOf(rows: readonly KeyFacts[], longestLife: number): (number | undefined)[] {
  return rows.map((_, index) => {
    const successor = rows[index - 1];
    return successor && successor.signs_from + longestLife;
  });
}

/** Newest first. `longestLife`: of a token, in milliseconds. */
export async function loadKeys(
  database: Pick<TokenDatabase, 'reader'>,
  longestLife: number,
): Promise<SigningKey[]> {
  const rows = await database.reader
    .selectFrom('signing_key')
    .selectAll()
    .orderBy('signs_from', 'desc')
    .orderBy('kid')
    .execute();
  const ends = endsOf(rows, longestLife);
  return Promise.all(rows.map((row, index) => toKey(row, ends[index])));
}

async function toKey(row: SigningKeyTable, endsAt: number | undefined): Promise<SigningKey> {
  const { kid, algorithm, certificate, created_at: createdAt, signs_from: signsFrom } = row;
  const jwk = JSON.parse(row.private_jwk) as JWK;
  const publicJwk = { ...publicPartOf(jwk), kid, alg: algorithm, use: 'sig' };
  const [privateKey, publicKey] = await Promise.all([
    importJWK(jwk, algorithm) as Promise<CryptoKey>,
    importJWK(publicJwk, algorithm) as Promise<CryptoKey>,
  ]);
  return { kid, algorithm, createdAt, signsFrom, endsAt, privateKey, publicKey, publicJwk, certificate };
}
