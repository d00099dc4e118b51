import { randomUUID } from 'node:crypto';
import {
  auditedRoute,
  OciError,
  requireFull,
  type Actor,
  type AdminReply,
  type AdminRequest,
  type AuditedRoute,
} from '@berth/protocol';
import { z } from 'zod';
import {
  countTokens,
  deleteToken,
  findToken,
  insertToken,
  listTokens,
  removeEndedTokens,
  type OwnedToken,
} from '../credentials/personal-tokens.ts';
import type { TokenTransaction } from '../database.ts';
import { decodeScopes, encodeScopes } from '../credentials/scopes.ts';
import { hashSecret, makeSecret } from '../credentials/secret.ts';
import { badField } from '../grants/target.ts';
import { findSubject, findSubjectById, type SubjectRow } from '../subjects/subjects.ts';
import { changeAs, type Change } from './change.ts';
import type { AdminContext } from './context.ts';
import { future, isoTime, name, scope } from './fields.ts';
import { pageOf, pageQuery, readPage } from './page.ts';
import { denial, notFound } from './permission.ts';
import { requireMayLend } from './robot-token-rights.ts';
import { managedRobot } from './robots.ts';
import { token, tokenView } from './token-view.ts';

/** Of one account; only an administrator makes more. */
const mostTokens = 1000;

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

export function personalTokenRoutes(context: AdminContext): AuditedRoute[] {
  return [
    auditedRoute({
      action: 'token.read',
      method: 'GET',
      path: '/tokens',
      summary:
        'List personal access tokens: your own, those of a robot that you manage, or of a user for administrators',
      query: tokenQuery,
      response: pageOf(token),
      handle: (request) => readTokens(context, request),
    }),
    auditedRoute({
      action: 'token.create',
      method: 'POST',
      path: '/tokens',
      summary: 'Make a personal access token; its secret is in this answer and nowhere else',
      body: newToken,
      response: madeToken,
      handle: (request) => makeToken(context, request),
    }),
    auditedRoute({
      action: 'token.delete',
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
    view: (row) => tokenView(row, { name: row.owner_name, kind: row.owner_kind }),
  });
  return { body };
}

async function makeToken(
  context: AdminContext,
  { actor, body }: AdminRequest<z.infer<typeof newToken>, undefined>,
): Promise<AdminReply> {
  requireFull(actor);
  const owner = await ownerFor(context, actor, body);
  const expiresAt = await expiryFor(context, actor, body.expiresAt);
  const scopes = encodeScopes(body.scopes ?? null);
  const limits = decodeScopes(scopes);
  if (owner.kind === 'robot') await requireMayLend(context, actor, owner, { limits, expiresAt });
  const secret = makeSecret();
  const row = {
    id: randomUUID(),
    kind: 'personal' as const,
    subject_id: owner.id,
    name: body.name,
    secret_hash: hashSecret(secret),
    scopes,
    service: null,
    epoch: owner.epoch,
    created_at: Date.now(),
    expires_at: expiresAt,
    last_used_at: null,
  };
  const view = tokenView(row, owner);
  await changeAs(context, actor, async (trx) => {
    if ((await findSubjectById(trx, owner.id)) === undefined) throw notFound(owner.kind);
    await requireRoom(trx, actor, owner);
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
    const change: Change = {
      action: 'token.delete',
      target: found.token.id,
      before: tokenView(found.token, found.owner),
    };
    return { result: undefined, change, touches: [found.owner.id] };
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

/** A token that ends makes none that outlives it, whoever that is for: it would lengthen its own life. */
async function expiryFor(
  { database }: AdminContext,
  { credential }: Actor,
  wanted: string | undefined,
): Promise<number | null> {
  const expiresAt = wanted === undefined ? null : Date.parse(wanted);
  if (credential === undefined) return expiresAt;
  const used = await findToken(database.reader, credential);
  if (used === undefined) throw denial('the token that you came with was deleted meanwhile');
  const latest = used.token.expires_at;
  if (latest === null) return expiresAt;
  if (expiresAt === null || expiresAt <= latest) return expiresAt ?? latest;
  throw denial(
    `expiresAt: the token that you came with ends at ${isoTime(latest)}, and one that is made with it ends no later`,
  );
}

/** Throws `CONFLICT` where the owner has so many that only an administrator makes more. */
async function requireRoom(trx: TokenTransaction, { admin }: Actor, owner: SubjectRow): Promise<void> {
  if (admin || (await countTokens(trx, owner.id)) < mostTokens) return;
  await removeEndedTokens(trx, owner.id, Date.now());
  if ((await countTokens(trx, owner.id)) < mostTokens) return;
  throw new OciError('CONFLICT', {
    message: `${owner.kind} ${owner.name} has ${mostTokens} personal access tokens: delete some first, or make them with an expiry`,
  });
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
