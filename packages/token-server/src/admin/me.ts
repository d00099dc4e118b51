import {
  auditedRoute,
  OciError,
  requireFull,
  type AdminReply,
  type AdminRequest,
  type AuditedRoute,
} from '@berth/protocol';
import { z } from 'zod';
import { findSubjectById } from '../subjects/subjects.ts';
import { teamsOf } from '../subjects/teams.ts';
import { updateUser } from '../subjects/users.ts';
import { changeAs, passwordChanged, type Change } from './change.ts';
import type { AdminContext } from './context.ts';
import { password } from './fields.ts';
import { denial } from './permission.ts';

const me = z.strictObject({
  name: z.string(),
  kind: z.enum(['user', 'robot', 'local']),
  admin: z.boolean(),
  teams: z.array(z.string()),
});

const newPassword = z.strictObject({ current: z.string().max(1024), new: password });

export function meRoutes(context: AdminContext): AuditedRoute[] {
  return [
    auditedRoute({
      action: 'user.read',
      method: 'GET',
      path: '/me',
      summary: 'Who the credentials belong to',
      response: me,
      handle: (request) => readMe(context, request),
    }),
    auditedRoute({
      action: 'user.password',
      method: 'PUT',
      path: '/me/password',
      summary: 'Change your password; tokens of the old one end',
      body: newPassword,
      handle: (request) => changePassword(context, request),
    }),
  ];
}

async function readMe(
  { database }: AdminContext,
  { actor }: AdminRequest<undefined, undefined>,
): Promise<AdminReply> {
  const { name, account, admin } = actor;
  const teams = account === null ? [] : await teamsOf(database.reader, account.id);
  return { body: { name, kind: account?.kind ?? 'local', admin, teams: teams.map((team) => team.name) } };
}

async function changePassword(
  context: AdminContext,
  { actor, body }: AdminRequest<z.infer<typeof newPassword>, undefined>,
): Promise<AdminReply> {
  requireFull(actor);
  if (actor.account?.kind !== 'user') throw denial('only users have a password');
  if (actor.credential !== undefined)
    throw denial('a personal access token cannot change the password of its owner');
  const user = await findSubjectById(context.database.reader, actor.account.id);
  if (user === undefined) throw new OciError('UNAUTHORIZED');
  if (!(await context.hasher.verify(body.current, user.password_hash))) {
    throw denial('current: this is not your password');
  }
  const passwordHash = await context.hasher.hash(body.new);
  await changeAs(context, actor, async (trx) => {
    const fresh = await findSubjectById(trx, user.id);
    if (fresh?.epoch !== user.epoch)
      throw new OciError('CONFLICT', { message: 'the password was changed meanwhile' });
    await updateUser(trx, fresh, { passwordHash });
    const change: Change = { action: 'user.password', target: user.name, after: passwordChanged };
    return { result: undefined, change, touches: [user.id] };
  });
  return {};
}
