import { parseReference } from '@berth/protocol';
import { CompiledQuery, type KyselyPlugin, type QueryId, type RootOperationNode } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { digestOfBytes, repositoryName, tagName } from '../testing/content.ts';
import { openFixture, type Fixture } from '../testing/fixture.ts';
import { findBlob, findStoredBlob, isBlobReadable, isBlobUsed } from './blobs.ts';
import { findDetails, findManifest, missingBlobs, missingManifests } from './manifests.ts';
import { listReferrers } from './referrers.ts';
import { findRepository, hasRepositoriesBelow, listRepositories, repositoryFacts } from './repositories.ts';
import type { Reader } from './schema/tables.ts';
import { contentsOf, listSizedTags, totalSizes } from './sizes.ts';
import { findTag, listTags, tagsOf } from './tags.ts';
import { hasUpload } from './uploads.ts';

const name = repositoryName('team/app');
const digest = digestOfBytes('content');
const readable = {
  allow: [
    { kind: 'exact', name },
    { kind: 'below', parent: repositoryName('team') },
    { kind: 'children', parent: name },
  ],
  deny: [{ kind: 'exact', name }],
  visibilities: ['public'],
} as const;
const page = { count: 100, last: 'm' };

/** What a request waits for: none of it may take longer because the registry has more in it. */
const hot: readonly (readonly [string, (db: Reader) => Promise<unknown>])[] = [
  ['a manifest by its tag', (db) => findManifest(db, name, parseReference('latest'))],
  ['a manifest by its digest', (db) => findManifest(db, name, parseReference(digest))],
  ['a blob of a repository', (db) => findBlob(db, name, digest)],
  ['a blob in storage', (db) => findStoredBlob(db, digest)],
  ['whether a blob may be read somewhere', (db) => isBlobReadable(db, digest, { readable })],
  [
    'whether a blob may be read in one repository',
    (db) => isBlobReadable(db, digest, { from: name, readable }),
  ],
  ['whether a manifest uses a blob', (db) => isBlobUsed(db, 1, digest)],
  ['which references are missing, of blobs', (db) => missingBlobs(db, 1, [digest])],
  ['which references are missing, of manifests', (db) => missingManifests(db, 1, [digest])],
  ['the facts of a repository', async (db) => repositoryFacts(readingBy(db))(name)],
  ['a repository', (db) => findRepository(db, name)],
  ['whether a namespace is in use', (db) => hasRepositoriesBelow(db, 'team')],
  ['a page of tags', (db) => listTags(db, 1, page)],
  ['a page of tags with their sizes', (db) => listSizedTags(db, 1, page)],
  ['the sizes of manifests', (db) => totalSizes(db, 1, [digest])],
  ['a manifest for people', (db) => findDetails(db, 1, digest)],
  ['what a repository holds', (db) => contentsOf(db, 1)],
  ['a tag', (db) => findTag(db, 1, tagName('latest'))],
  ['the tags of a manifest', (db) => tagsOf(db, 1, digest)],
  ['referrers', (db) => listReferrers(db, { repository: name, subject: digest, page })],
  [
    'referrers of one type',
    (db) => listReferrers(db, { repository: name, subject: digest, artifactType: 'a/b', page }),
  ],
  ['an upload', (db) => hasUpload(db, { id: 'x', repository: name, accountId: null })],
  ['an upload of an account', (db) => hasUpload(db, { id: 'x', repository: name, accountId: 'y' })],
];

let fixture: Fixture;
beforeAll(async () => void (fixture = await openFixture()));
afterAll(() => fixture.close());

function readingBy(reader: Reader): Fixture['context']['database'] {
  const get = (target: object, member: string | symbol): unknown =>
    member === 'reader' ? reader : Reflect.get(target, member);
  return new Proxy<Fixture['context']['database']>(fixture.context.database, { get });
}

describe('reads no whole table, and sorts nothing', () => {
  test.for(hot)('%s', async ([, query]) => {
    const plans = await plansOf(fixture.context.database.reader, query);
    expect(plans.length).toBeGreaterThan(0);
    expect(plans.flatMap(slowSteps)).toEqual([]);
  });

  test('a page of repositories is looked up by what one may read, and then sorted', async () => {
    const plans = await plansOf(fixture.context.database.reader, (db) =>
      listRepositories(db, readable, page),
    );
    expect(plans.flatMap(slowSteps)).toEqual(['USE TEMP B-TREE FOR ORDER BY']);
  });

  test('a page of all repositories is read in their order', async () => {
    const all = { ...readable, allow: [{ kind: 'all' as const }] };
    const plans = await plansOf(fixture.context.database.reader, (db) => listRepositories(db, all, page));
    expect(plans.flatMap(slowSteps)).toEqual([]);
  });

  test('referrers are found by their subject, not among all manifests of the repository', async () => {
    const query = (db: Reader) => listReferrers(db, { repository: name, subject: digest, page });
    const [steps = []] = await plansOf(fixture.context.database.reader, query);
    expect(steps.map(({ detail }) => detail)).toContainEqual(
      expect.stringMatching(
        /^SEARCH manifest USING INDEX manifest_subject \(repository_id=\? AND subject=\?/,
      ),
    );
  });

  test('and this test would notice', async () => {
    const plans = await plansOf(fixture.context.database.reader, async (db) => {
      await db.selectFrom('tag').selectAll().where('updated_by', '=', 'x').execute();
      await db.selectFrom('repository').select('id').where('name', 'like', '%x').execute();
      await db.selectFrom('repository').select('id').where('name', '>', 'x').orderBy('visibility').execute();
    });
    expect(plans.map((plan) => slowSteps(plan).length)).toEqual([1, 1, 1]);
  });
});

interface Step {
  readonly id: number;
  readonly parent: number;
  readonly detail: string;
}

/** The plan of every query that `work` runs, of the SQL as it was compiled for it; what is a part of one is not run. */
async function plansOf(reader: Reader, work: (db: Reader) => Promise<unknown>): Promise<Step[][]> {
  const seen = new Map<QueryId, RootOperationNode>();
  const ran: QueryId[] = [];
  const recorder: KyselyPlugin = {
    transformQuery: ({ node, queryId }) => (seen.set(queryId, node), node),
    transformResult: async ({ result, queryId }) => (ran.push(queryId), result),
  };
  const compiled = new Map<QueryId, CompiledQuery>();
  await work(recordingCompiled(reader.withPlugin(recorder), compiled));
  const plans: Step[][] = [];
  for (const queryId of ran) {
    const { sql, parameters } =
      compiled.get(queryId) ?? reader.getExecutor().compileQuery(seen.get(queryId)!, queryId);
    const explain = CompiledQuery.raw(`explain query plan ${sql}`, [...parameters]);
    plans.push((await reader.executeQuery<Step>(explain)).rows);
  }
  return plans;
}

/** Those that were compiled once do not pass a plugin. */
function recordingCompiled(reader: Reader, compiled: Map<QueryId, CompiledQuery>): Reader {
  const executeQuery = (query: CompiledQuery) => {
    compiled.set(query.queryId, query);
    return reader.executeQuery(query);
  };
  const get = (target: Reader, member: string | symbol): unknown =>
    member === 'executeQuery' ? executeQuery : bound(Reflect.get(target, member), target);
  return new Proxy(reader, { get });
}

function bound(member: unknown, target: Reader): unknown {
  return typeof member === 'function' ? member.bind(target) : member;
}

/**
 * A scan of rows that a subquery made beside it, or of those that the last step of a recursion did, is none of a table:
 * they were limited when they were made. That of `json_each` reads a parameter.
 */
function slowSteps(plan: readonly Step[]): string[] {
  const made = new Set(plan.flatMap(({ id, parent, detail }) => madeBy(plan, id, parent, detail)));
  return plan.flatMap(({ parent, detail }) => {
    const scanned = /^SCAN (?!CONSTANT ROW|json_each)(\S+)/.exec(detail)?.[1];
    const slow =
      scanned === undefined ? detail.startsWith('USE TEMP B-TREE') : !made.has(`${parent} ${scanned}`);
    return slow ? [detail] : [];
  });
}

/** Where in the plan the rows of a subquery may be scanned. */
function madeBy(plan: readonly Step[], id: number, parent: number, detail: string): string[] {
  const name = /^(?:CO-ROUTINE|MATERIALIZE) (\S+)/.exec(detail)?.[1];
  if (name === undefined) return [];
  const recursions = plan.filter((step) => step.parent === id && step.detail === 'RECURSIVE STEP');
  return [parent, ...recursions.map((step) => step.id)].map((place) => `${place} ${name}`);
}
