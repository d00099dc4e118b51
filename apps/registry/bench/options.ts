import { parseArgs } from 'node:util';

/** How much is done for one figure. */
export interface Effort {
  readonly rounds: number;
  /** Length of each measurement that is limited by time. */
  readonly seconds: number;
  /** Repositories of the catalog. */
  readonly repositories: number;
  /** Of which half are garbage. */
  readonly blobs: number;
  /** Whether a round that counts for nothing comes first. */
  readonly warmUp: boolean;
}

export interface Options {
  readonly effort: Effort;
  /** Keys of rows; absent where all are wanted. */
  readonly rows?: readonly string[] | undefined;
  /** Names of servers; absent where all are wanted. */
  readonly only?: readonly string[] | undefined;
  /** Whether Berth runs as built, and not from its sources. */
  readonly dist: boolean;
  /** Whether blobs are kept in S3. */
  readonly s3: boolean;
  /** Whether a collection beside pulls is measured, in place of the rows. */
  readonly collection: boolean;
  /** Programs that were named. */
  readonly registry3?: string | undefined;
  readonly zot?: string | undefined;
  /** Folder for a CPU profile of Berth. */
  readonly profile?: string | undefined;
}

export const usage = `pnpm bench [--quick] [--rounds 5] [--rows a,b] [--only berth,registry3]
           [--dist] [--s3] [--registry3 <program>] [--zot <program>] [--profile <folder>]
pnpm bench --collection [--quick]
`;

const normal: Effort = { rounds: 5, seconds: 5, repositories: 2000, blobs: 100_000, warmUp: true };
const quick: Effort = { rounds: 1, seconds: 1, repositories: 200, blobs: 1000, warmUp: false };

/** Throws TypeError for an option that is not known, and RangeError for rounds that are no number. */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: args.filter((arg) => arg !== '--'),
    options: {
      rounds: { type: 'string' },
      quick: { type: 'boolean', default: false },
      rows: { type: 'string' },
      only: { type: 'string' },
      dist: { type: 'boolean', default: false },
      s3: { type: 'boolean', default: false },
      collection: { type: 'boolean', default: false },
      registry3: { type: 'string' },
      zot: { type: 'string' },
      profile: { type: 'string' },
    },
  });
  const { rounds, quick: short, rows, only, ...rest } = values;
  const effort = short ? quick : normal;
  return {
    ...rest,
    effort: { ...effort, rounds: rounds === undefined ? effort.rounds : roundsOf(rounds) },
    rows: rows?.split(','),
    only: only?.split(','),
  };
}

function roundsOf(text: string): number {
  const rounds = Number(text);
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new RangeError(`--rounds ${text} is no number of rounds`);
  return rounds;
}

/** Those with one of the names, all of them without names. Throws RangeError for a name that nothing has. */
export function chosen<T>(
  all: readonly T[],
  names: readonly string[] | undefined,
  nameOf: (one: T) => string,
): T[] {
  if (names === undefined) return [...all];
  const unknown = names.filter((name) => !all.some((one) => nameOf(one) === name));
  if (unknown.length === 0) return all.filter((one) => names.includes(nameOf(one)));
  throw new RangeError(`${unknown.join(', ')}: not one of ${all.map(nameOf).join(', ')}`);
}
