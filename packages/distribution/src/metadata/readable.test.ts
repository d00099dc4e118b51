import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase, type Database } from '@berth/database';
import {
  matchesRepository,
  parseRepositoryName,
  parseRepositoryPattern,
  type ReadableNames,
  type RepositoryPattern,
  type Visibility,
} from '@berth/protocol';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isReadable, type RepositoryColumns } from './readable.ts';
import { changeRepository, ensureRepository } from './repositories.ts';
import { migrations } from './schema/migrations.ts';
import type { DistributionTables } from './schema/tables.ts';
import { cpuTime } from '@berth/protocol/testing';

let folder: string;
let database: Database<DistributionTables>;

/** Each with another visibility; `0` and `-` are beside `/`, and `_` is a wildcard elsewhere. */
const visibilities: readonly Visibility[] = ['private', 'internal', 'public'];
const repositories = [
  'team',
  'team/app',
  'team/app/x',
  'team/app/x/y',
  'team-a/app',
  'team0',
  'te_m/a',
  'team/a_b',
].flatMap((name) =>
  visibilities.map((visibility) => ({ name: parseRepositoryName(`${name}.${visibility}`), visibility })),
);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'berth-readable-'));
  database = await openDatabase<DistributionTables>(join(folder, 'berth.db'));
  await database.migrate('distribution', migrations);
  await database.transaction(async (trx) => {
    for (const { name, visibility } of repositories) {
      const { id } = await ensureRepository(trx, name, 0);
      await changeRepository(trx, id, { visibility });
    }
  });
});

afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true });
});

const pattern = fc
  .oneof(
    fc.constantFrom('**', 'team/*', 'team/**', 'team/app/*', 'team/app/x/**', 'te_m/*', 'team/app.public/*'),
    fc.constantFrom(...repositories.map(({ name }) => name as string)),
  )
  .map((text) => parseRepositoryPattern(text) as RepositoryPattern);

const readable: fc.Arbitrary<ReadableNames> = fc.record(
  {
    allow: fc.array(pattern, { maxLength: 3 }),
    deny: fc.array(pattern, { maxLength: 2 }),
    visibilities: fc.constantFrom([], ['public'], ['public', 'internal']) as fc.Arbitrary<Visibility[]>,
    within: fc.array(pattern, { maxLength: 2 }),
  },
  { requiredKeys: ['allow', 'deny', 'visibilities'] },
);

const namesOf = async (readable: ReadableNames): Promise<string[]> => {
  const rows = await database.reader
    .selectFrom('repository')
    .select('name')
    .where((eb) => isReadable(eb as unknown as RepositoryColumns, readable))
    .execute();
  return rows.map(({ name }) => name!).sort();
};

test('the rows that are found are those that may be pulled', async () => {
  await fc.assert(
    fc.asyncProperty(readable, async (readable) => {
      const { allow, deny, visibilities, within } = readable;
      const expected = repositories.filter(({ name, visibility }) => {
        const one = (patterns: readonly RepositoryPattern[]) =>
          patterns.some((pattern) => matchesRepository(pattern, name));
        const opened = one(allow) || visibilities.includes(visibility);
        return opened && !one(deny) && (within === undefined || one(within));
      });
      expect(await namesOf(readable)).toEqual(expected.map(({ name }) => name as string).sort());
    }),
    { numRuns: 300 },
  );
});

test.each(['/**', '/*', ''])(
  'somebody may have thousands of grants and denies of patterns that end with "%s"',
  async (end) => {
    const many = (from: string) =>
      Array.from(
        { length: 5000 },
        (_, index) => parseRepositoryPattern(`${from}${index}${end}`) as RepositoryPattern,
      );
    const allow = [...many('far'), parseRepositoryPattern('te_m/*') as RepositoryPattern];
    const found = ['te_m/a.internal', 'te_m/a.private', 'te_m/a.public'];
    const taken = await cpuTime(async () => {
      expect(await namesOf({ allow, deny: many('no'), visibilities: [] })).toEqual(found);
      expect(await namesOf({ allow, deny: many('no'), visibilities: ['public'], within: allow })).toEqual(
        found,
      );
    });
    expect(taken).toBeLessThan(2000);
  },
);
