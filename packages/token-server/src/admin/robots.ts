import {
  auditedRoute,
  parseRepositoryPattern,
  requireFull,
  type Actor,
  type AdminReply,
  type AdminRequest,
  type AuditedRoute,
} from '@berth/protocol';
import { z } from 'zod';
import type { Queries } from '../database.ts';
import { checkName } from '../subjects/names.ts';
import { namespaceOf } from '../subjects/namespace.ts';
import { insertRobot, updateRobot } from '../subjects/robots.ts';
import { deleteSubject, findSubject, listSubjects, type SubjectRow } from '../subjects/subjects.ts';
import { changeAs, withFreeName, type Change } from './change.ts';
import type { AdminContext } from './context.ts';
import { isoTime, name, pattern } from './fields.ts';
import { lostWith } from './lost-with.ts';
import { pageOf, pageQuery, readPage, type PageQuery } from './page.ts';
import { denial, holdingsOf, notFound, type Holdings } from './permission.ts';
import { requireFewRobots, requireRobotName } from './robot-rules.ts';

const robot = z.strictObject({
  name: z.string(),
  pattern: z.string(),
  disabled: z.boolean(),
  createdAt: z.string(),
  createdBy: z.string(),
});

const newRobot = z.strictObject({ name, pattern });

const robotChanges = z.strictObject({ pattern: pattern.optional(), disabled: z.boolean().optional() });

export function robotRoutes(context: AdminContext): AuditedRoute[] {
  return [
    auditedRoute({
      action: 'robot.read',
      method: 'GET',
      path: '/robots',
      summary: 'List the robots that you manage',
      query: z.strictObject(pageQuery),
      response: pageOf(robot),
      handle: (request) => listRobots(context, request),
    }),
    auditedRoute({
      action: 'robot.create',
      method: 'POST',
      path: '/robots',
      summary:
        'Make a robot: for whoever has admin on its pattern; for team/** it is named team-…, but where administrators make it',
      body: newRobot,
      response: robot,
      handle: (request) => makeRobot(context, request),
    }),
    auditedRoute({
      action: 'robot.read',
      method: 'GET',
      path: '/robots/:name',
      summary: 'Read a robot',
      response: robot,
      handle: (request) => readRobot(context, request),
    }),
    auditedRoute({
      action: 'robot.update',
      method: 'PATCH',
      path: '/robots/:name',
      summary: 'Change a robot',
      body: robotChanges,
      response: robot,
      handle: (request) => changeRobot(context, request),
    }),
    auditedRoute({
      action: 'robot.delete',
      method: 'DELETE',
      path: '/robots/:name',
      summary: 'Delete a robot with its tokens and the grants to it',
      handle: (request) => removeRobot(context, request),
    }),
  ];
}

async function listRobots(
  { database, principals }: AdminContext,
  { actor, query }: AdminRequest<undefined, PageQuery>,
): Promise<AdminReply> {
  requireFull(actor);
  const holdings = await holdingsOf(principals, actor);
  const body = await readPage(query, {
    fetch: (after, limit) => listSubjects(database.reader, 'robot', { after, limit }),
    key: (row) => row.name,
    view: viewOf,
    keep: (row) => manages(holdings, row.pattern),
  });
  return { body };
}

async function readRobot(
  context: AdminContext,
  { actor, params }: AdminRequest<undefined, undefined>,
): Promise<AdminReply> {
  return { body: viewOf(await managedRobot(context, actor, params.name)) };
}

/** A robot owns nothing by its name, so that its name may be the first segment of repositories. */
async function makeRobot(
  context: AdminContext,
  { actor, body: { name, pattern } }: AdminRequest<z.infer<typeof newRobot>, undefined>,
): Promise<AdminReply> {
  requireFull(actor);
  checkName(name, context.names.reserved);
  await requireManages(context, actor, pattern);
  requireRobotName(actor, name, pattern);
  const make = () =>
    changeAs(context, actor, async (trx) => {
      await requireFewRobots(trx, actor, pattern);
      const row = await insertRobot(trx, { name, pattern, createdBy: actor.name });
      return { result: row, change: { action: 'robot.create', target: name, after: viewOf(row) } };
    });
  return { status: 201, body: viewOf(await withFreeName(name, make)) };
}

async function changeRobot(
  context: AdminContext,
  { actor, params, body }: AdminRequest<z.infer<typeof robotChanges>, undefined>,
): Promise<AdminReply> {
  const { id } = await managedRobot(context, actor, params.name);
  const { pattern } = body;
  if (pattern !== undefined) await requireManages(context, actor, pattern);
  const row = await changeAs(context, actor, async (trx) => {
    const before = await findSubject(trx, 'robot', params.name ?? '');
    if (before?.id !== id) throw notFound('robot');
    if (pattern !== undefined) await requireMayMove(trx, actor, before, pattern);
    const after = await updateRobot(trx, before, body);
    const change: Change = {
      action: 'robot.update',
      target: before.name,
      before: viewOf(before),
      after: viewOf(after),
    };
    const touches = before.disabled === after.disabled ? undefined : [after.id];
    return { result: after, change, touches };
  });
  return { body: viewOf(row) };
}

async function removeRobot(
  context: AdminContext,
  { actor, params }: AdminRequest<undefined, undefined>,
): Promise<AdminReply> {
  const row = await managedRobot(context, actor, params.name);
  await changeAs(context, actor, async (trx) => {
    const lost = await lostWith(trx, row);
    await deleteSubject(trx, row.id);
    const change: Change = { action: 'robot.delete', target: row.name, before: viewOf(row) };
    return { result: undefined, change: [...lost, change], touches: [row.id] };
  });
  return {};
}

/** Throws `NOT_FOUND` for a robot of others as for none. */
export async function managedRobot(
  { database, principals }: AdminContext,
  actor: Actor,
  name = '',
): Promise<SubjectRow> {
  requireFull(actor);
  const row = await findSubject(database.reader, 'robot', name);
  if (row === undefined) throw notFound('robot');
  if (manages(await holdingsOf(principals, actor), row.pattern)) return row;
  throw notFound('robot', `${actor.name} does not manage ${name}`);
}

async function requireManages({ principals }: AdminContext, actor: Actor, pattern: string): Promise<void> {
  if (manages(await holdingsOf(principals, actor), pattern)) return;
  throw denial(`you do not have admin on all of ${pattern}`);
}

/** Into another namespace it comes as a new one would. */
async function requireMayMove(db: Queries, actor: Actor, robot: SubjectRow, pattern: string): Promise<void> {
  if (namespaceOf(robot.pattern ?? '') === namespaceOf(pattern)) return;
  requireRobotName(actor, robot.name, pattern);
  await requireFewRobots(db, actor, pattern);
}

function manages(holdings: Holdings, text: string | null): boolean {
  const pattern = parseRepositoryPattern(text ?? '');
  return pattern !== undefined && holdings({ pattern, action: 'admin' });
}

function viewOf(row: SubjectRow): z.infer<typeof robot> {
  return {
    name: row.name,
    pattern: row.pattern ?? '',
    disabled: row.disabled === 1,
    createdAt: isoTime(row.created_at),
    createdBy: row.created_by,
  };
}
