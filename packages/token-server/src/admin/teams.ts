import {
  auditedRoute,
  requireAdmin,
  requireFull,
  type AdminReply,
  type AdminRequest,
  type AuditedRoute,
} from '@berth/protocol';
import { z } from 'zod';
import type { Queries } from '../database.ts';
import { checkName, checkNamespace } from '../subjects/names.ts';
import { deleteSubject, findSubject, listSubjects, type SubjectRow } from '../subjects/subjects.ts';
import { insertTeam } from '../subjects/teams.ts';
import { changeAs, withFreeName, type Change } from './change.ts';
import type { AdminContext } from './context.ts';
import { isoTime, name } from './fields.ts';
import { lostWith } from './lost-with.ts';
import { pageOf, pageQuery, readPage, type PageQuery } from './page.ts';
import { notFound } from './permission.ts';

/** Everybody sees the names, to share with them. */
const team = z.strictObject({ name: z.string(), createdAt: z.string() });

const newTeam = z.strictObject({ name, handover: z.boolean().optional() });

export function teamRoutes(context: AdminContext): AuditedRoute[] {
  return [
    auditedRoute({
      action: 'team.read',
      method: 'GET',
      path: '/teams',
      summary: 'List teams',
      query: z.strictObject(pageQuery),
      response: pageOf(team),
      handle: (request) => listTeams(context, request),
    }),
    auditedRoute({
      action: 'team.create',
      method: 'POST',
      path: '/teams',
      summary: 'Make a team',
      body: newTeam,
      response: team,
      handle: (request) => makeTeam(context, request),
    }),
    auditedRoute({
      action: 'team.read',
      method: 'GET',
      path: '/teams/:team',
      summary: 'Read a team',
      response: team,
      handle: (request) => readTeam(context, request),
    }),
    auditedRoute({
      action: 'team.delete',
      method: 'DELETE',
      path: '/teams/:team',
      summary: 'Delete a team with the grants to it',
      handle: (request) => removeTeam(context, request),
    }),
  ];
}

async function listTeams(
  { database }: AdminContext,
  { actor, query }: AdminRequest<undefined, PageQuery>,
): Promise<AdminReply> {
  requireFull(actor);
  const body = await readPage(query, {
    fetch: (after, limit) => listSubjects(database.reader, 'team', { after, limit }),
    key: (row) => row.name,
    view: viewOf,
  });
  return { body };
}

async function readTeam(
  { database }: AdminContext,
  { actor, params }: AdminRequest<undefined, undefined>,
): Promise<AdminReply> {
  requireFull(actor);
  return { body: viewOf(await teamNamed(database.reader, params.team)) };
}

async function makeTeam(
  context: AdminContext,
  { actor, body: { name, handover } }: AdminRequest<z.infer<typeof newTeam>, undefined>,
): Promise<AdminReply> {
  requireAdmin(actor);
  checkName(name, context.names.reserved);
  const make = () =>
    changeAs(context, actor, async (trx) => {
      if (handover !== true) await checkNamespace(trx, { kind: 'team', name }, context.names);
      const row = await insertTeam(trx, { name, createdBy: actor.name });
      const after = { ...viewOf(row), ...(handover === true ? { handover } : {}) };
      return { result: row, change: { action: 'team.create', target: name, after } };
    });
  return { status: 201, body: viewOf(await withFreeName(name, make)) };
}

async function removeTeam(
  context: AdminContext,
  { actor, params }: AdminRequest<undefined, undefined>,
): Promise<AdminReply> {
  requireAdmin(actor);
  await changeAs(context, actor, async (trx) => {
    const row = await teamNamed(trx, params.team);
    const lost = await lostWith(trx, row);
    await deleteSubject(trx, row.id);
    const change: Change = { action: 'team.delete', target: row.name, before: viewOf(row) };
    return { result: undefined, change: [...lost, change], touches: 'everybody' };
  });
  return {};
}

export async function teamNamed(db: Queries, name = ''): Promise<SubjectRow> {
  const row = await findSubject(db, 'team', name);
  if (row === undefined) throw notFound('team');
  return row;
}

function viewOf(row: SubjectRow): z.infer<typeof team> {
  return { name: row.name, createdAt: isoTime(row.created_at) };
}
