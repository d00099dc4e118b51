import {
  auditedRoute,
  requireAdmin,
  requireFull,
  type AdminReply,
  type AdminRequest,
  type AuditedRoute,
} from '@berth/protocol';
import { z } from 'zod';
import { findSubject } from '../subjects/subjects.ts';
import { addMember, listMembers, removeMember, teamsOf } from '../subjects/teams.ts';
import { changeAs, type Change } from './change.ts';
import type { AdminContext } from './context.ts';
import { pageOf, pageQuery, readPage, type PageQuery } from './page.ts';
import { denial, notFound } from './permission.ts';
import { teamNamed } from './teams.ts';

const member = z.strictObject({ name: z.string() });

export function memberRoutes(context: AdminContext): AuditedRoute[] {
  return [
    auditedRoute({
      action: 'member.read',
      method: 'GET',
      path: '/teams/:team/members',
      summary: 'List the members of a team: for its members and administrators',
      query: z.strictObject(pageQuery),
      response: pageOf(member),
      handle: (request) => readMembers(context, request),
    }),
    auditedRoute({
      action: 'member.add',
      method: 'PUT',
      path: '/teams/:team/members/:user',
      summary: 'Take a user into a team',
      handle: (request) => changeMember(context, request, 'add'),
    }),
    auditedRoute({
      action: 'member.remove',
      method: 'DELETE',
      path: '/teams/:team/members/:user',
      summary: 'Take a user out of a team',
      handle: (request) => changeMember(context, request, 'remove'),
    }),
  ];
}

async function readMembers(
  { database }: AdminContext,
  { actor, params, query }: AdminRequest<undefined, PageQuery>,
): Promise<AdminReply> {
  requireFull(actor);
  const team = await teamNamed(database.reader, params.team);
  const own = actor.account === null ? [] : await teamsOf(database.reader, actor.account.id);
  if (!actor.admin && !own.some(({ id }) => id === team.id)) {
    throw denial('only members and administrators see the members of a team');
  }
  const body = await readPage(query, {
    fetch: (after, limit) => listMembers(database.reader, team.id, { after, limit }),
    key: (row) => row.name,
    view: (row) => ({ name: row.name }),
  });
  return { body };
}

/** Putting in who is in, or taking out who is not, changes nothing and is no error. */
async function changeMember(
  context: AdminContext,
  { actor, params }: AdminRequest<undefined, undefined>,
  verb: 'add' | 'remove',
): Promise<AdminReply> {
  requireAdmin(actor);
  await changeAs(context, actor, async (trx) => {
    const team = await teamNamed(trx, params.team);
    const user = await findSubject(trx, 'user', params.user ?? '');
    if (user === undefined) throw notFound('user');
    const changed = await (verb === 'add' ? addMember : removeMember)(trx, team.id, user.id);
    const state = { team: team.name, user: user.name };
    const change: Change = {
      action: `member.${verb}`,
      target: team.name,
      ...(verb === 'add' ? { after: state } : { before: state }),
    };
    return changed ? { result: undefined, change, touches: [user.id] } : { result: undefined };
  });
  return {};
}
