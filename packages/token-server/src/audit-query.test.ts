import { CompiledQuery, type KyselyPlugin, type QueryId, type RootOperationNode } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { auditKey, listAudit, type AuditFilter } from './audit-query.ts';
import type { Queries, TokenDatabase } from './database.ts';
import { openTemporary } from './testing/server.ts';

const actors = ['alice', 'bob'];
const repositories = ['team/app', 'team/other', null];
const actions = ['registry.pull', 'login', 'grant.create'];
const outcomes = ['denied', 'failed', 'done'];

let database: TokenDatabase;
let remove: () => Promise<void>;

beforeAll(async () => {
  ({ database, remove } = await openTemporary());
  const rows = Array.from({ length: 360 }, (_, index) => ({
    // Three in each millisecond, and what was written late is earlier than what was written before it.
    at: 1000 + Math.floor(index / 3) - (index % 7 === 0 ? 5 : 0),
    actor: actors[index % 2]!,
    repository: repositories[index % 3]!,
    action: actions[Math.floor(index / 2) % 3]!,
    outcome: outcomes[Math.floor(index / 5) % 3]!,
  }));
  await database.transaction(async (trx) => void (await trx.insertInto('audit').values(rows).execute()));
});

afterAll(() => remove());

/** Every set of filters. */
const filters: AuditFilter[] = [
  {},
  { actions: ['login'] },
  { actions: ['login', 'grant.create', 'user.read'] },
];
for (const [key, value] of Object.entries({
  repository: 'team/app',
  actor: 'bob',
  outcome: 'failed',
  since: 1020,
  until: 1090,
})) {
  filters.push(...filters.map((filter) => ({ ...filter, [key]: value })));
}

const named = filters.map((filter) => [JSON.stringify(filter), filter] as const);

function indexFor({ repository, actor, actions, outcome }: AuditFilter): string {
  if (repository !== undefined) return 'repository';
  if (actor !== undefined) return 'actor';
  return [actions && 'action', outcome && 'outcome'].filter(Boolean).join('_') || 'at';
}

/** Each action has a query of its own where no other column is better. */
function queriesFor({ repository, actor, actions = [] }: AuditFilter): number {
  return repository === undefined && actor === undefined ? Math.max(1, actions.length) : 1;
}

async function pages(filter: AuditFilter, limit: number) {
  const all = [];
  for (let after = ''; ;) {
    const rows = await listAudit(database.reader, filter, { after, limit });
    all.push(...rows);
    if (rows.length < limit) return all;
    after = auditKey(rows.at(-1)!);
  }
}

describe.each(named)('%s', (_, filter) => {
  test('its pages have what it asks for, once, the newest first', async () => {
    const rows = await database.reader.selectFrom('audit').selectAll().execute();
    const { since = 0, until = Infinity, actions: some, ...equal } = filter;
    const wanted = rows
      .filter((row) => Object.entries(equal).every(([key, value]) => row[key as 'actor'] === value))
      .filter(({ action }) => some?.includes(action) ?? true)
      .filter(({ at }) => at >= since && at < until)
      .sort((one, other) => other.at - one.at || other.id - one.id);
    expect(await pages(filter, 7)).toEqual(wanted);
  });

  test.each(['', '1050-150'])('is found by an index, in its order (after %j)', async (after) => {
    const plans = await plansOf((db) => listAudit(db, filter, { after, limit: 100 }));
    expect(plans.length).toBe(queriesFor(filter));
    for (const [step, ...more] of plans) {
      expect(more).toEqual([]);
      expect(`${step} `).toContain(`USING INDEX audit_${indexFor(filter)} `);
    }
  });
});

/** Of each query of `work`, the steps in SQLite's words. */
async function plansOf(work: (db: Queries) => Promise<unknown>): Promise<string[][]> {
  const seen: { readonly node: RootOperationNode; readonly queryId: QueryId }[] = [];
  const recorder: KyselyPlugin = {
    transformQuery: ({ node, queryId }) => (seen.push({ node, queryId }), node),
    transformResult: async ({ result }) => result,
  };
  const { reader } = database;
  await work(reader.withPlugin(recorder));
  return Promise.all(
    seen.map(async ({ node, queryId }) => {
      const { sql, parameters } = reader.getExecutor().compileQuery(node, queryId);
      const explain = CompiledQuery.raw(`explain query plan ${sql}`, [...parameters]);
      return (await reader.executeQuery<{ detail: string }>(explain)).rows.map(({ detail }) => detail);
    }),
  );
}
