import type { AuditEvent, KeyAlgorithm } from '@berth/protocol';
import type { TokenDatabase, TokenTransaction } from '../database.ts';
import type { ReadVersions, Versions } from '../versions.ts';
import {
  endsOf,
  insertKey,
  keyFacts,
  loadKeys,
  makeKeyRow,
  removeKeys,
  type KeyFacts,
  type SigningKey,
} from './key-rows.ts';

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
  rotate(record: RecordKeyChange, from?: number): Promise<Rotated>;
  /**
   * Rotates where `isDue` says so of the keys as they are in the transaction, the one that signs last first, so that of
   * several processes one does it. A key of another algorithm that has not signed yet never will.
   */
  rotateWhere(isDue: IsDue, record: RecordKeyChange): Promise<Rotated | undefined>;
  /** Removes those that have ended, and resolves to what they were. */
  removeEnded(record: RecordKeyChange): Promise<readonly string[]>;
}

export type IsDue = (keys: readonly KeyFacts[], now: number) => boolean;

/** Told of each change in its transaction. */
export type RecordKeyChange = (trx: TokenTransaction, change: KeyChange) => Promise<void>;

export type KeyChange = Pick<AuditEvent, 'action' | 'target' | 'before' | 'after'>;

export interface Rotated {
  readonly kid: string;
  readonly signsFrom: number;
}

export interface KeysOptions {
  readonly database: TokenDatabase;
  readonly versions: ReadVersions;
  /** Of keys that are made from now on; others sign, and are good, until they end. */
  readonly algorithm: KeyAlgorithm;
  /** The longest life of a token, tolerance for clocks included, in milliseconds. */
  readonly longestLife: number;
  /** How long a new key is published before it signs, in milliseconds. */
  readonly publishBefore: number;
  /** Milliseconds since 1970. */
  readonly now?: (() => number) | undefined;
}

/** Makes the first key where there is none. Several processes on one database end with the same one. */
export async function createKeys(options: KeysOptions): Promise<Keys> {
  const { database, versions, longestLife, now = Date.now } = options;
  await makeFirst(options);
  let known: { version: number; keys: readonly SigningKey[] } = { version: -1, keys: [] };

  const list = async (at?: Versions) => {
    const { keys: version } = at ?? (await versions());
    if (known.version !== version) known = { version, keys: await loadKeys(database, longestLife) };
    const time = now();
    return known.keys.filter(({ endsAt }) => endsAt === undefined || endsAt > time);
  };
  return {
    list: () => list(),
    async signing() {
      const time = now();
      const key = (await list()).find(({ signsFrom }) => signsFrom <= time);
      if (key === undefined) throw new Error('no key signs: the database has lost its own');
      return key;
    },
    find: async (kid, at) => (await list(at)).find((key) => key.kid === kid),
    ...changesOf(options),
  };
}

function changesOf(options: KeysOptions): Pick<Keys, 'rotate' | 'rotateWhere' | 'removeEnded'> {
  const { database, algorithm, publishBefore, now = Date.now } = options;
  return {
    async rotate(record, from = 0) {
      const row = await makeKeyRow(algorithm, now());
      return database.transaction(async (trx) => {
        const rotated = await insertNext(trx, row, Math.max(from, now() + publishBefore), record);
        await removeEnded(trx, options, record);
        return rotated;
      });
    },
    async rotateWhere(isDue, record) {
      if (!isDue(await keyFacts(database.reader), now())) return undefined;
      const row = await makeKeyRow(algorithm, now());
      return database.transaction(async (trx) => {
        await removeNeverToSign(trx, options, record);
        if (!isDue(await keyFacts(trx), now())) return undefined;
        return insertNext(trx, row, now() + publishBefore, record);
      });
    },
    async removeEnded(record) {
      if (endedOf(await keyFacts(database.reader), options).length === 0) return [];
      return database.transaction((trx) => removeEnded(trx, options, record));
    },
  };
}

async function makeFirst({ database, algorithm, now = Date.now }: KeysOptions): Promise<void> {
  if ((await keyFacts(database.reader)).length > 0) return;
  const row = await makeKeyRow(algorithm, now());
  await database.transaction(async (trx) => {
    if ((await keyFacts(trx)).length === 0) await insertKey(trx, row);
  });
}

async function insertNext(
  trx: TokenTransaction,
  row: Awaited<ReturnType<typeof makeKeyRow>>,
  signsFrom: number,
  record: RecordKeyChange,
): Promise<Rotated> {
  const { kid, algorithm } = row;
  const signing = (await keyFacts(trx)).find(({ signs_from }) => signs_from <= row.created_at);
  await insertKey(trx, { ...row, signs_from: signsFrom });
  await record(trx, {
    action: 'key.rotate',
    target: kid,
    ...(signing && { before: { kid: signing.kid, algorithm: signing.algorithm } }),
    after: { kid, algorithm, signsFrom: new Date(signsFrom).toISOString() },
  });
  return { kid, signsFrom };
}

async function removeEnded(
  trx: TokenTransaction,
  options: KeysOptions,
  record: RecordKeyChange,
): Promise<string[]> {
  return removeAndRecord(trx, endedOf(await keyFacts(trx), options), record);
}

function endedOf(rows: readonly KeyFacts[], { longestLife, now = Date.now }: KeysOptions): KeyFacts[] {
  const ends = endsOf(rows, longestLife);
  return rows.filter((_, index) => (ends[index] ?? Infinity) <= now());
}

async function removeNeverToSign(
  trx: TokenTransaction,
  { algorithm, now = Date.now }: KeysOptions,
  record: RecordKeyChange,
): Promise<void> {
  const rows = await keyFacts(trx);
  const pending = rows.filter((row) => row.signs_from > now() && row.algorithm !== algorithm);
  await removeAndRecord(trx, pending, record);
}

async function removeAndRecord(
  trx: TokenTransaction,
  rows: readonly KeyFacts[],
  record: RecordKeyChange,
): Promise<string[]> {
  const kids = rows.map(({ kid }) => kid);
  await removeKeys(trx, kids);
  for (const { kid, algorithm } of rows) {
    await record(trx, { action: 'key.remove', target: kid, before: { kid, algorithm } });
  }
  return kids;
}
