import {
  auditedRoute,
  noSuchRepository,
  parseRepositoryName,
  type AdminReply,
  type AdminRequest,
  type AuditedRoute,
  type RepositoryFacts,
} from '@berth/protocol';
import { z } from 'zod';
import { accountsReaching, grantsToEverybody } from '../policy/grant-queries.ts';
import { compilePrincipal, type Principal } from '../policy/principal.ts';
import { rightsOf, wayOfDeny } from '../policy/rights.ts';
import type { OwnRegistry } from '../tokens/services.ts';
import type { ExplainContext } from './explain.ts';
import { action } from './fields.ts';
import { pageOf, pageQuery, readPage, type PageQuery } from './page.ts';
import { managesRepository } from './permission.ts';

const item = z.strictObject({
  subject: z.string().describe('user:<name>, robot:<name>, authenticated or anonymous'),
  actions: z.array(action).describe('empty: nothing, although others without a grant of their own may'),
  through: z.string().optional().describe('the grant, ownership or visibility that decides'),
});

type Item = z.infer<typeof item>;

export interface RepositoryAccessContext extends ExplainContext {
  readonly registry: OwnRegistry;
}

export function repositoryAccessRoutes(context: RepositoryAccessContext): AuditedRoute[] {
  return [
    auditedRoute({
      action: 'access.read',
      method: 'GET',
      path: '/repositories/*repository/-/access',
      summary:
        'Who can do what, and through which grant: accounts that differ from `authenticated`, which is any account, and `anonymous`, which is anyone',
      query: z.strictObject(pageQuery),
      response: pageOf(item),
      handle: (request) => readAccess(context, request),
    }),
  ];
}

/** A page has `n` accounts; one has a row for each way. */
async function readAccess(
  context: RepositoryAccessContext,
  { actor, params, query }: AdminRequest<undefined, PageQuery>,
): Promise<AdminReply> {
  const repository = await context.registry.findRepository(parseRepositoryName(params.repository ?? ''));
  if (!managesRepository(actor, repository)) {
    throw noSuchRepository(repository.name, `${actor.name} does not manage ${repository.name}`);
  }
  if (!repository.exists) throw noSuchRepository(repository.name);
  const { reader } = context.database;
  const { general, any } = await generalItems(context, repository);
  const { items: accounts, next } = await readPage(query, {
    fetch: (after, limit) => accountsReaching(reader, repository.name, { after, limit }),
    key: ({ name }) => name,
    view: (row) => row,
  });
  const items = query.last === '' ? [...general] : [];
  for (const { id, kind, name } of accounts) {
    const principal = await context.principals.load({ uid: id });
    if (principal !== undefined) items.push(...itemsOf(`${kind}:${name}`, principal, repository, any));
  }
  return { body: { items, ...(next === undefined ? {} : { next }) } };
}

/** What needs no grant of one's own. `any`: what every account has. */
async function generalItems({ database, principals }: ExplainContext, repository: RepositoryFacts) {
  const anonymous = await principals.anonymous();
  const anybody = compilePrincipal({
    account: { id: '', name: 'authenticated', kind: 'robot' },
    admin: false,
    teams: [],
    grants: await grantsToEverybody(database.reader),
  });
  const everyone = itemsOf('anonymous', anonymous, repository, []);
  const accounts = itemsOf('authenticated', anybody, repository, everyone);
  return {
    general: [...everyone, ...accounts],
    any: accounts.length > 0 ? accounts : everyone,
  };
}

/** None where they say the same as those of the larger circle. */
function itemsOf(
  subject: string,
  principal: Principal,
  repository: RepositoryFacts,
  circle: readonly Item[],
): Item[] {
  const now = Date.now();
  const items: Item[] = rightsOf(principal, repository, now).map(({ actions, through }) => ({
    subject,
    actions: [...actions],
    through,
  }));
  if (saying(items) === saying(circle)) return [];
  if (items.length > 0) return items;
  const through = wayOfDeny(principal, repository, now);
  return [{ subject, actions: [], ...(through === undefined ? {} : { through }) }];
}

function saying(items: readonly Item[]): string {
  return JSON.stringify(items.map(({ actions, through }) => [actions, through]));
}
