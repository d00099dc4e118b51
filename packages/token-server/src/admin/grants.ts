import {
  auditedRoute,
  parseRepositoryPattern,
  requireFull,
  roles,
  type Actor,
  type AdminReply,
  type AdminRequest,
  type AuditedRoute,
} from '@berth/protocol';
import { z } from 'zod';
import type { Queries, TokenTransaction } from '../database.ts';
import { differenceOf, type Difference } from '../grants/difference.ts';
import {
  adoptGrant,
  deleteGrant,
  findGrant,
  findSameGrant,
  grantsOf,
  insertGrant,
  listGrants,
} from '../grants/grants.ts';
import { badField, grantSubjectOf, type GrantTarget } from '../grants/target.ts';
import { grantOf, type Grant, type GrantRow } from '../policy/grant.ts';
import { touchedAs } from '../policy/shared-rules.ts';
import { changeAs, type Change, type Outcome } from './change.ts';
import type { AdminContext } from './context.ts';
import { pattern, subject } from './fields.ts';
import { requireFewDelegated, requireMayGrant, requireMayRemove, sightOf } from './grant-rights.ts';
import {
  difference,
  dryRun,
  grant,
  grantView,
  newGrant,
  type DryRunQuery,
  type NewGrant,
} from './grant-view.ts';
import { pageOf, pageQuery, readPage } from './page.ts';
import { notFound } from './permission.ts';

const grantQuery = z.strictObject({
  ...pageQuery,
  subject: subject.optional(),
  repository: pattern.optional(),
});

export function grantRoutes(context: AdminContext): AuditedRoute[] {
  return [
    auditedRoute({
      action: 'grant.read',
      method: 'GET',
      path: '/grants',
      summary:
        'List grants: those to you, and those on what you have admin on; `repository` finds those that cover it',
      query: grantQuery,
      response: pageOf(grant),
      handle: (request) => readGrants(context, request),
    }),
    auditedRoute({
      action: 'grant.create',
      method: 'POST',
      path: '/grants',
      summary:
        'Make a grant; 200 with the one that says the same already, where there is one; with dryRun, answer the difference it would make',
      body: newGrant,
      query: z.strictObject(dryRun),
      response: z.union([grant, difference]),
      handle: (request) => makeGrant(context, request),
    }),
    auditedRoute({
      action: 'grant.read',
      method: 'GET',
      path: '/grants/:id',
      summary: 'Read a grant',
      response: grant,
      handle: (request) => readGrant(context, request),
    }),
    auditedRoute({
      action: 'grant.delete',
      method: 'DELETE',
      path: '/grants/:id',
      summary: 'Delete a grant; with dryRun, answer the difference it would make',
      query: z.strictObject(dryRun),
      response: difference,
      handle: (request) => removeGrant(context, request),
    }),
  ];
}

async function readGrants(
  context: AdminContext,
  { actor, query }: AdminRequest<undefined, z.infer<typeof grantQuery>>,
): Promise<AdminReply> {
  requireFull(actor);
  const db = context.database.reader;
  const { near, sees } = await sightOf(context, actor);
  const target = query.subject === undefined ? undefined : await grantSubjectOf(db, query.subject);
  if (query.subject !== undefined && target === undefined) return { body: { items: [] } };
  const repository = query.repository === undefined ? undefined : parseRepositoryPattern(query.repository);
  const filter = { subject: target, repository, near };
  const body = await readPage(query, {
    fetch: (after, limit) => listGrants(db, filter, { after, limit }),
    key: (row) => row.id,
    view: grantView,
    keep: sees,
  });
  return { body };
}

async function readGrant(
  context: AdminContext,
  { actor, params }: AdminRequest<undefined, undefined>,
): Promise<AdminReply> {
  return { body: grantView(await visibleGrant(context, actor, params.id)) };
}

async function makeGrant(
  context: AdminContext,
  { actor, body, query }: AdminRequest<NewGrant, DryRunQuery>,
): Promise<AdminReply> {
  requireFull(actor);
  const wanted = parseGrant(body);
  await requireMayGrant(context, actor, wanted);
  if (query.dryRun === 'true') {
    const target = await targetOf(context.database.reader, body.subject);
    return { body: await differenceIn(context, target, { ...wanted, subject: target }, 'made') };
  }
  return changeAs(context, actor, async (trx) => {
    const target = await targetOf(trx, body.subject);
    const columns = { ...columnsOf(wanted, body), ...subjectColumns(target), ...madeBy(actor) };
    const same = await findSameGrant(trx, columns);
    if (same !== undefined) return keepGrant(trx, actor, same);
    await requireFewDelegated(trx, actor, { subject: target, pattern: columns.pattern });
    const row = await insertGrant(trx, columns);
    const change: Change = {
      action: 'grant.create',
      target: row.id,
      repository: row.pattern,
      after: grantView(row),
    };
    return { result: { status: 201, body: grantView(row) }, change, touches: [touchedAs(target)] };
  });
}

/** What an administrator said too, only an administrator takes back. */
async function keepGrant(
  trx: TokenTransaction,
  { admin }: Actor,
  same: GrantRow,
): Promise<Outcome<AdminReply>> {
  if (!admin || same.by_admin === 1) return { result: { body: grantView(same) } };
  const row = await adoptGrant(trx, same.id);
  const change: Change = {
    action: 'grant.update',
    target: row.id,
    repository: row.pattern,
    before: grantView(same),
    after: grantView(row),
  };
  return { result: { body: grantView(row) }, change };
}

async function removeGrant(
  context: AdminContext,
  { actor, params, query }: AdminRequest<undefined, DryRunQuery>,
): Promise<AdminReply> {
  const row = await visibleGrant(context, actor, params.id);
  await requireMayRemove(context, actor, row);
  if (query.dryRun === 'true') {
    const target = { kind: row.subject_kind, name: row.subject_name, id: row.subject_id };
    return { body: await differenceIn(context, target, grantOf(row), 'deleted') };
  }
  await changeAs(context, actor, async (trx) => {
    await deleteGrant(trx, row.id);
    const change: Change = {
      action: 'grant.delete',
      target: row.id,
      repository: row.pattern,
      before: grantView(row),
    };
    const touches = [touchedAs({ kind: row.subject_kind, id: row.subject_id })];
    return { result: undefined, change, touches };
  });
  return {};
}

/** Throws `NOT_FOUND` for one that the actor may not see as for none. */
async function visibleGrant(context: AdminContext, actor: Actor, id = ''): Promise<GrantRow> {
  requireFull(actor);
  const row = await findGrant(context.database.reader, id);
  if (row === undefined) throw notFound('grant');
  if ((await sightOf(context, actor)).sees(row)) return row;
  throw notFound('grant', `${actor.name} has no admin on ${row.pattern}`);
}

async function differenceIn(
  { database }: AdminContext,
  target: GrantTarget,
  grant: Grant,
  change: 'made' | 'deleted',
): Promise<Difference> {
  const { expiresAt } = grant;
  if (expiresAt !== null && expiresAt <= Date.now()) return { added: [], removed: [] };
  const rows = await grantsOf(database.reader, target);
  return differenceOf(grant, rows.map(grantOf), change);
}

function parseGrant({
  effect,
  repository,
  role,
  actions,
  tags,
  expiresAt,
}: NewGrant): Omit<Grant, 'subject'> {
  const pattern = parseRepositoryPattern(repository);
  if (pattern === undefined) throw badField('repository', 'is no pattern');
  return {
    id: '',
    effect,
    repository: pattern,
    actions: role === undefined ? [...new Set(actions)] : roles[role],
    role: role ?? null,
    tags: tags ?? null,
    expiresAt: expiresAt === undefined ? null : Date.parse(expiresAt),
  };
}

/** Throws `BAD_REQUEST` where there is no such subject. */
async function targetOf(db: Queries, text: string): Promise<GrantTarget> {
  const target = await grantSubjectOf(db, text);
  if (target === undefined) throw badField('subject', `there is no ${text.replace(':', ' ')}`);
  return target;
}

function columnsOf(
  { effect, actions, role, tags, expiresAt }: Omit<Grant, 'subject'>,
  { repository, comment }: NewGrant,
) {
  return {
    effect,
    pattern: repository,
    actions: JSON.stringify(actions),
    role,
    tags,
    expires_at: expiresAt,
    comment: comment ?? null,
  };
}

function subjectColumns({ kind, id }: GrantTarget) {
  return { subject_kind: kind, subject_id: id };
}

function madeBy({ name, admin }: Actor) {
  return { created_by: name, by_admin: Number(admin) };
}
