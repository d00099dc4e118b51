import {
  adminRoute,
  isTagPattern,
  OciError,
  parseRepositoryName,
  type Actor,
  type AdminRoute,
  type AuditLog,
  type RepositoryAction,
} from '@berth/protocol';
import { moveVersion, type Database } from '@berth/database';
import { z } from 'zod';
import { oneMore } from '../http/pages.ts';
import {
  changeRepository,
  findRepository,
  listRepositories,
  type Repository,
  type RepositoryChange,
} from '../metadata/repositories.ts';
import type { DistributionTables } from '../metadata/schema/tables.ts';
import { listTags, type TagRow } from '../metadata/tags.ts';

export interface RepositoryRoutesOptions {
  readonly database: Database<DistributionTables>;
  readonly audit: AuditLog;
}

const page = z.strictObject({
  n: z.coerce.number().int().min(1).max(1000).default(100),
  last: z.string().optional(),
});

const change = z.strictObject({
  visibility: z.enum(['private', 'internal', 'public']).optional(),
  immutableTags: z
    .array(
      z.string().refine(isTagPattern, 'is not a tag pattern: a tag, in which * stands for any characters'),
    )
    .max(100)
    .optional(),
  description: z.string().max(1000).optional(),
});

const repositoryAnswer = z.object({
  name: z.string(),
  visibility: z.enum(['private', 'internal', 'public']),
  immutableTags: z.array(z.string()),
  description: z.string(),
});

const tagAnswer = z.object({
  name: z.string(),
  digest: z.string(),
  pushedAt: z.iso.datetime(),
  pushedBy: z.string(),
});

const listOf = (item: z.ZodType) => z.object({ items: z.array(item), next: z.string().optional() });

/** Repositories in the administration API. One that the actor may not pull is not found, as if it did not exist. */
export function repositoryRoutes({ database, audit }: RepositoryRoutesOptions): AdminRoute[] {
  return [
    adminRoute({
      method: 'GET',
      path: '/repositories',
      summary: 'Repositories that you may pull',
      query: page,
      response: listOf(repositoryAnswer),
      async handle({ actor, query }) {
        const asked = { count: query.n, last: query.last };
        const found = await listRepositories(database.reader, actor.access.readable(), oneMore(asked));
        return { body: list(found, query.n, repositoryBody, ({ name }) => name) };
      },
    }),
    adminRoute({
      method: 'GET',
      path: '/repositories/*repository',
      summary: 'One repository',
      response: repositoryAnswer,
      async handle({ actor, params }) {
        return { body: repositoryBody(await visible(database, actor, params['repository'], 'pull')) };
      },
    }),
    adminRoute({
      method: 'PATCH',
      path: '/repositories/*repository',
      summary: 'Change visibility, immutable tags or description',
      body: change,
      response: repositoryAnswer,
      async handle({ actor, params, body }) {
        const before = await visible(database, actor, params['repository'], 'admin');
        await apply(database, before, body);
        const after = { ...before, ...definedOf(body) };
        audit.record({
          ...event(actor, before),
          action: 'repository.change',
          before: repositoryBody(before),
          after: body,
        });
        return { body: repositoryBody(after) };
      },
    }),
    adminRoute({
      method: 'GET',
      path: '/repositories/*repository/-/tags',
      summary: 'Tags of a repository',
      query: page,
      response: listOf(tagAnswer),
      async handle({ actor, params, query }) {
        const { id } = await visible(database, actor, params['repository'], 'pull');
        const found = await listTags(database.reader, id, oneMore({ count: query.n, last: query.last }));
        return { body: list(found, query.n, tagBody, ({ name }) => name) };
      },
    }),
  ];
}

/** Who may pull but not do `action` is told so; who may not pull learns nothing. */
async function visible(
  database: Database<DistributionTables>,
  { access, narrowed }: Actor,
  name: string | undefined,
  action: RepositoryAction,
): Promise<Repository> {
  const repository = await findRepository(database.reader, parseRepositoryName(name ?? ''));
  const facts = repository && { ...repository, exists: true };
  if (facts === undefined || !access.may(facts, 'pull').allowed) throw new OciError('NOT_FOUND');
  const verdict = access.may(facts, action);
  if (!verdict.allowed) throw new OciError('DENIED', { message: verdict.reason });
  if (action !== 'pull' && narrowed)
    throw new OciError('DENIED', { message: 'a narrowed token changes nothing' });
  return repository!;
}

/** What may be seen changes with the visibility, and what is remembered of decisions with it. */
async function apply(
  database: Database<DistributionTables>,
  before: Repository,
  body: RepositoryChange,
): Promise<void> {
  await database.transaction(async (trx) => {
    await changeRepository(trx, before.id, body);
    if (body.visibility !== undefined && body.visibility !== before.visibility)
      await moveVersion(trx, 'policy');
  });
}

function definedOf(body: RepositoryChange): Partial<Repository> {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
}

function event(actor: Actor, repository: Repository) {
  const { name, address, credential } = actor;
  return { actor: name, address, credential, repository: repository.name, outcome: 'done' } as const;
}

function list<Row, Body>(
  found: readonly Row[],
  count: number,
  body: (row: Row) => Body,
  key: (row: Row) => string,
) {
  const items = found.slice(0, count);
  const last = items.at(-1);
  return { items: items.map(body), ...(found.length > count && last !== undefined && { next: key(last) }) };
}

function repositoryBody({ name, visibility, immutableTags, description }: Repository) {
  return { name, visibility, immutableTags, description };
}

function tagBody({ name, digest, updatedAt, updatedBy }: TagRow) {
  return { name, digest, pushedAt: new Date(updatedAt).toISOString(), pushedBy: updatedBy };
}
