import {
  auditedRoute,
  OciError,
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
import { hasOtherAdmin, insertUser, updateUser } from '../subjects/users.ts';
import { changeAs, passwordChanged, withFreeName, type Change } from './change.ts';
import type { AdminContext } from './context.ts';
import { email, isoTime, name, password, passwordHash } from './fields.ts';
import { lostWith } from './lost-with.ts';
import { pageOf, pageQuery, readPage, type PageQuery } from './page.ts';
import { denial, notFound } from './permission.ts';
import { settleRobots } from './robots-left-behind.ts';

/** All but the name is for administrators only. */
const user = z.strictObject({
  name: z.string(),
  admin: z.boolean().optional(),
  disabled: z.boolean().optional(),
  email: z.string().optional(),
  createdAt: z.string().optional(),
  createdBy: z.string().optional(),
});

const newUser = z
  .strictObject({
    name,
    password: password.optional(),
    passwordHash: passwordHash.optional(),
    email: email.optional(),
    admin: z.boolean().optional(),
    disabled: z.boolean().optional(),
    handover: z.boolean().optional(),
  })
  .refine((user) => user.password === undefined || user.passwordHash === undefined, {
    path: ['passwordHash'],
    message: 'must not come with a password',
  });

const userChanges = z.strictObject({
  password: password.optional(),
  email: email.nullable().optional(),
  admin: z.boolean().optional(),
  disabled: z.boolean().optional(),
});

const userDeletion = z.strictObject({ robots: z.enum(['delete', 'keep']).optional() });

export function userRoutes(context: AdminContext): AuditedRoute[] {
  return [
    auditedRoute({
      action: 'user.read',
      method: 'GET',
      path: '/users',
      summary: 'List users',
      query: z.strictObject(pageQuery),
      response: pageOf(user),
      handle: (request) => listUsers(context, request),
    }),
    auditedRoute({
      action: 'user.create',
      method: 'POST',
      path: '/users',
      summary: 'Make a user, with a password or with its hash from elsewhere',
      body: newUser,
      response: user,
      handle: (request) => makeUser(context, request),
    }),
    auditedRoute({
      action: 'user.read',
      method: 'GET',
      path: '/users/:name',
      summary: 'Read a user',
      response: user,
      handle: (request) => readUser(context, request),
    }),
    auditedRoute({
      action: 'user.update',
      method: 'PATCH',
      path: '/users/:name',
      summary: 'Change a user; a new password ends the tokens of the old one',
      body: userChanges,
      response: user,
      handle: (request) => changeUser(context, request),
    }),
    auditedRoute({
      action: 'user.delete',
      method: 'DELETE',
      path: '/users/:name',
      summary:
        'Delete a user with his credentials and the grants to him; repositories stay, and what becomes of robots below his name has to be said',
      query: userDeletion,
      handle: (request) => removeUser(context, request),
    }),
  ];
}

async function listUsers(
  { database }: AdminContext,
  { actor, query }: AdminRequest<undefined, PageQuery>,
): Promise<AdminReply> {
  requireFull(actor);
  const body = await readPage(query, {
    fetch: (after, limit) => listSubjects(database.reader, 'user', { after, limit }),
    key: (row) => row.name,
    view: (row) => (actor.admin ? fullView(row) : { name: row.name }),
  });
  return { body };
}

async function readUser(
  { database }: AdminContext,
  { actor, params }: AdminRequest<undefined, undefined>,
): Promise<AdminReply> {
  requireFull(actor);
  const row = await userNamed(database.reader, params.name);
  return { body: actor.admin ? fullView(row) : { name: row.name } };
}

async function makeUser(
  context: AdminContext,
  { actor, body }: AdminRequest<z.infer<typeof newUser>, undefined>,
): Promise<AdminReply> {
  requireAdmin(actor);
  const { name, email, admin, disabled, handover } = body;
  checkName(name, context.names.reserved);
  const passwordHash = await hashOf(context, body);
  const make = () =>
    changeAs(context, actor, async (trx) => {
      if (handover !== true) await checkNamespace(trx, { kind: 'user', name }, context.names);
      const made = await insertUser(trx, { name, createdBy: actor.name, passwordHash, email, admin });
      const row = disabled === true ? await updateUser(trx, made, { disabled }) : made;
      const after = { ...fullView(row), ...(handover === true ? { handover } : {}) };
      return { result: row, change: { action: 'user.create', target: name, after } };
    });
  return { status: 201, body: fullView(await withFreeName(name, make)) };
}

/** `null`: no login by password. */
async function hashOf(
  { hasher }: AdminContext,
  { password, passwordHash }: z.infer<typeof newUser>,
): Promise<string | null> {
  return password === undefined ? (passwordHash ?? null) : hasher.hash(password);
}

async function changeUser(
  context: AdminContext,
  { actor, params, body }: AdminRequest<z.infer<typeof userChanges>, undefined>,
): Promise<AdminReply> {
  requireAdmin(actor);
  const { password, ...rest } = body;
  if (password !== undefined && actor.credential !== undefined && params.name === actor.name) {
    throw denial('a personal access token cannot change the password of its owner');
  }
  const passwordHash = password === undefined ? undefined : await context.hasher.hash(password);
  const row = await changeAs(context, actor, async (trx) => {
    const before = await userNamed(trx, params.name);
    const after = await updateUser(trx, before, { ...rest, passwordHash });
    if (!isActiveAdmin(after)) await keepAnAdmin(trx, before);
    const change: Change = {
      action: isPasswordOnly(body) ? 'user.password' : 'user.update',
      target: before.name,
      before: fullView(before),
      after: { ...fullView(after), ...(password !== undefined && passwordChanged) },
    };
    return { result: after, change, touches: changesAccess(before, after) ? [after.id] : undefined };
  });
  return { body: fullView(row) };
}

async function removeUser(
  context: AdminContext,
  { actor, params, query }: AdminRequest<undefined, z.infer<typeof userDeletion>>,
): Promise<AdminReply> {
  requireAdmin(actor);
  await changeAs(context, actor, async (trx) => {
    const row = await userNamed(trx, params.name);
    await keepAnAdmin(trx, row);
    const robots = await settleRobots(trx, row.name, query.robots);
    const lost = await lostWith(trx, row);
    await deleteSubject(trx, row.id);
    const left = robots.kept.length === 0 ? {} : { after: { robotsKept: robots.kept } };
    const change: Change = { action: 'user.delete', target: row.name, before: fullView(row), ...left };
    const touches = [row.id, ...robots.deleted];
    return { result: undefined, change: [...robots.changes, ...lost, change], touches };
  });
  return {};
}

async function userNamed(db: Queries, name = ''): Promise<SubjectRow> {
  const row = await findSubject(db, 'user', name);
  if (row === undefined) throw notFound('user');
  return row;
}

/** Throws `CONFLICT` where this one, as he was, is the last who can administer Berth. */
async function keepAnAdmin(db: Queries, row: SubjectRow): Promise<void> {
  if (!isActiveAdmin(row) || (await hasOtherAdmin(db, row.id))) return;
  throw new OciError('CONFLICT', { message: `${row.name} is the last administrator` });
}

function isPasswordOnly(body: z.infer<typeof userChanges>): boolean {
  return body.password !== undefined && Object.keys(body).length === 1;
}

function isActiveAdmin({ admin, disabled }: SubjectRow): boolean {
  return admin === 1 && disabled === 0;
}

function changesAccess(before: SubjectRow, after: SubjectRow): boolean {
  return before.epoch !== after.epoch || before.admin !== after.admin || before.disabled !== after.disabled;
}

function fullView(row: SubjectRow): z.infer<typeof user> {
  return {
    name: row.name,
    admin: row.admin === 1,
    disabled: row.disabled === 1,
    ...(row.email === null ? {} : { email: row.email }),
    createdAt: isoTime(row.created_at),
    createdBy: row.created_by,
  };
}
