import { randomUUID } from 'node:crypto';
import {
  adminRoute,
  OciError,
  type Actor,
  type AdminReply,
  type AdminRequest,
  type AdminRoute,
} from '@berth/protocol';
import { z } from 'zod';
import {
  deleteToken,
  findToken,
  insertToken,
  listTokens,
  type OwnedToken,
} from '../credentials/personal-tokens.ts';
import { encodeScopes, type ScopeText } from '../credentials/scopes.ts';
import { hashSecret, makeSecret } from '../credentials/secret.ts';
import { badField } from '../grants/target.ts';
import { findSubject, findSubjectById, type SubjectRow } from '../subjects/subjects.ts';
import { changeAs } from './change.ts';
import type { AdminContext } from './context.ts';
import { future, isoTime, name, scope } from './fields.ts';
import { pageOf, pageQuery, readPage } from './page.ts';
import { denial, notFound, requireFull } from './permission.ts';
import { managedRobot } from './robots.ts';

const token = z.strictObject({
  id: z.string(),
  name: z.string(),
  /** `user:alice` or `robot:ci`. */
  owner: z.string(),
  scopes: z.array(scope).optional(),
  createdAt: z.string(),
  expiresAt: z.string().optional(),
  lastUsedAt: z.string().optional(),
});

const madeToken = token.extend({ secret: z.string() });

const ownerFields = { user: name.optional(), robot: name.optional() };

const newToken = z
  .strictObject({
    name: z.string().min(1).max(100),
    scopes: z.array(scope).min(1).max(100).optional(),
    expiresAt: future.optional(),
    ...ownerFields,
  })
  .refine(({ user, robot }) => user === undefined || robot === undefined, {
    path: ['robot'],
    message: 'give either a user or a robot',
  });

const tokenQuery = z.strictObject({ ...pageQuery, ...ownerFields });

interface OwnerFields {
  readonly user?: string | undefined;
  readonly robot?: string | undefined;
}

export function personalTokenRoutes(context: AdminContext): AdminRoute[] {
  return [
    adminRoute({
      method: 'GET',
      path: '/tokens',
      summary:
        'List personal access tokens: your own, those of a robot that you manage, or of a user for administrators',
      query: tokenQuery,
      response: pageOf(token),
      handle: (request) => readTokens(context, request),
    }),
    adminRoute({
      method: 'POST',
      path: '/tokens',
      summary: 'Make a personal access token; its secret is in this answer and nowhere else',
      body: newToken,
      response: madeToken,
      handle: (request) => makeToken(context, request),
    }),
    adminRoute({
      method: 'DELETE',
      path: '/tokens/:id',
      summary: 'Delete a personal access token; it ends at once',
      handle: (request) => removeToken(context, request),
    }),
  ];
}

async function readTokens(
  context: AdminContext,
  { actor, query }: AdminRequest<undefined, z.infer<typeof tokenQuery>>,
): Promise<AdminReply> {
  requireFull(actor);
  const everybody = actor.account === null && query.user === undefined && query.robot === undefined;
  const subjectId = everybody ? undefined : (await ownerFor(context, actor, query)).id;
  const body = await readPage(query, {
    fetch: (after, limit) => listTokens(context.database.reader, { subjectId, after, limit }),
    key: (row) => row.id,
    view: (row) => viewOf(row, { name: row.owner_name, kind: row.owner_kind }),
  });
  return { body };
}

async function makeToken(
  context: AdminContext,
  { actor, body }: AdminRequest<z.infer<typeof newToken>, undefined>,
): Promise<AdminReply> {
  requireFull(actor);
  const owner = await ownerFor(context, actor, body);
  const expiresAt = await expiryFor(context, actor, owner, body.expiresAt);
  const secret = makeSecret();
  const row = {
    id: randomUUID(),
    kind: 'personal' as const,
    subject_id: owner.id,
    name: body.name,
    secret_hash: hashSecret(secret),
    scopes: encodeScopes(body.scopes ?? null),
    service: null,
    epoch: owner.epoch,
    created_at: Date.now(),
    expires_at: expiresAt,
    last_used_at: null,
  };
  const view = viewOf(row, owner);
  await changeAs(context, actor, async (trx) => {
    if ((await findSubjectById(trx, owner.id)) === undefined) throw notFound(owner.kind);
    await insertToken(trx, row);
    return { result: undefined, change: { action: 'token.create', target: row.id, after: view } };
  });
  return { status: 201, body: { ...view, secret } };
}

async function removeToken(
  context: AdminContext,
  { actor, params }: AdminRequest<undefined, undefined>,
): Promise<AdminReply> {
  requireFull(actor);
  const found = await findToken(context.database.reader, params.id ?? '');
  if (found === undefined) throw notFound('token');
  await requireManages(context, actor, found);
  await changeAs(context, actor, async (trx) => {
    await deleteToken(trx, found.token.id);
    const change = {
      action: 'token.delete',
      target: found.token.id,
      before: viewOf(found.token, found.owner),
    };
    return { result: undefined, change, movesPolicy: true };
  });
  return {};
}

/** Whose tokens are meant. Throws `DENIED` or `NOT_FOUND` where they are not the actor's to manage. */
async function ownerFor(
  context: AdminContext,
  actor: Actor,
  { user, robot }: OwnerFields,
): Promise<SubjectRow> {
  const db = context.database.reader;
  if (robot !== undefined) return managedRobot(context, actor, robot);
  if (user !== undefined && user !== actor.name && !actor.admin) {
    throw denial('only administrators manage the tokens of other users');
  }
  if (user !== undefined) return (await findSubject(db, 'user', user)) ?? raise(notFound('user'));
  if (actor.account === null) throw badField('user', 'say whose token it is, with user or robot');
  if (actor.account.kind === 'robot') throw denial('who manages a robot makes its tokens: say which robot');
  return (await findSubjectById(db, actor.account.id)) ?? raise(notFound('user'));
}

/** A token does not make one for the same owner that outlives it. */
async function expiryFor(
  { database }: AdminContext,
  actor: Actor,
  owner: SubjectRow,
  wanted: string | undefined,
): Promise<number | null> {
  const expiresAt = wanted === undefined ? null : Date.parse(wanted);
  if (actor.credential === undefined || actor.account?.id !== owner.id) return expiresAt;
  const used = await findToken(database.reader, actor.credential);
  const latest = used?.token.expires_at ?? null;
  if (latest === null || (expiresAt !== null && expiresAt <= latest)) return expiresAt;
  throw denial(`expiresAt: a token that you make with this one must end with it, by ${isoTime(latest)}`);
}

async function requireManages(
  context: AdminContext,
  actor: Actor,
  { token, owner }: OwnedToken,
): Promise<void> {
  if (actor.admin || owner.id === actor.account?.id) return;
  const hidden = notFound('token', `token ${token.id} is not for ${actor.name} to manage`);
  if (owner.kind !== 'robot') throw hidden;
  await managedRobot(context, actor, owner.name).catch((error: unknown) => {
    throw error instanceof OciError && error.code === 'NOT_FOUND' ? hidden : error;
  });
}

function raise(error: OciError): never {
  throw error;
}

function viewOf(row: OwnedToken['token'], owner: Pick<SubjectRow, 'name' | 'kind'>): z.infer<typeof token> {
  return {
    id: row.id,
    name: row.name,
    owner: `${owner.kind}:${owner.name}`,
    ...(row.scopes === null
      ? {}
      : { scopes: JSON.parse(row.scopes) as (ScopeText & z.infer<typeof scope>)[] }),
    createdAt: isoTime(row.created_at),
    ...(row.expires_at === null ? {} : { expiresAt: isoTime(row.expires_at) }),
    ...(row.last_used_at === null ? {} : { lastUsedAt: isoTime(row.last_used_at) }),
  };
}
