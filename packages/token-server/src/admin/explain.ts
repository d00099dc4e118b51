import {
  actions,
  auditedRoute,
  noSuchRepository,
  OciError,
  parseRepositoryName,
  parseTag,
  tokenActions,
  type Actor,
  type AdminReply,
  type AdminRequest,
  type AuditedRoute,
  type RepositoryFacts,
  type RepositoryName,
} from '@berth/protocol';
import { z } from 'zod';
import { findToken } from '../credentials/personal-tokens.ts';
import type { TokenDatabase } from '../database.ts';
import { parseGrantSubject } from '../grants/subject-text.ts';
import { factsElsewhere } from '../policy/elsewhere.ts';
import { explain, explainDisabled } from '../policy/explain.ts';
import { grantsOn } from '../policy/grant-queries.ts';
import type { Principal, Principals } from '../policy/principal.ts';
import { findSubject, type SubjectRow } from '../subjects/subjects.ts';
import type { OtherService, OwnRegistry } from '../tokens/services.ts';
import { action } from './fields.ts';
import { managesRepository, notFound } from './permission.ts';

export interface ExplainContext {
  readonly database: TokenDatabase;
  readonly principals: Principals;
  /** Absent where Berth is a token server alone. */
  readonly registry: OwnRegistry | undefined;
  readonly otherServices: readonly OtherService[];
}

const question = z.strictObject({
  subject: z.string().max(300).optional().describe('user:<name>, robot:<name> or anonymous; absent: oneself'),
  token: z.string().max(100).optional().describe('id of a personal access token of the subject'),
  repository: z.string().max(255),
  tag: z
    .string()
    .max(128)
    .optional()
    .describe('the tag to push, move or delete; absent: whether there can be one'),
  service: z
    .string()
    .max(300)
    .optional()
    .describe("another registry that tokens are for (auth.builtin.services); absent: Berth's own"),
  actions: z.array(action).min(1).max(actions.length),
});

type Question = z.infer<typeof question>;

const explained = z.strictObject({
  allowed: z.boolean(),
  reason: z.string(),
  grant: z.string().optional(),
  path: z.string(),
});

const explanation = z.strictObject({
  actions: z.partialRecord(action, explained),
  nearMisses: z.array(
    z.strictObject({
      action,
      kind: z.enum(['deny', 'credential', 'expired', 'action', 'tags', 'pattern', 'subject']),
      grant: z.string().optional(),
      sentence: z.string(),
    }),
  ),
  suggestion: z.string().optional(),
  registryAnswer: z.strictObject({ status: z.number(), code: z.string().optional(), message: z.string() }),
});

export function explainRoutes(context: ExplainContext): AuditedRoute[] {
  return [
    auditedRoute({
      action: 'access.read',
      method: 'POST',
      path: '/explain',
      summary: 'Why somebody may, or may not: about oneself, and for who manages the repository about others',
      body: question,
      response: explanation,
      handle: (request) => answerExplain(context, request),
    }),
  ];
}

/** A disabled account has no principal, and an explanation all the same. */
type Subject = { readonly principal: Principal } | { readonly disabled: string };

async function answerExplain(
  context: ExplainContext,
  { actor, body }: AdminRequest<Question, undefined>,
): Promise<AdminReply> {
  const { repository, elsewhere } = await placeOf(context, parseRepositoryName(body.repository), body);
  const manages = managesRepository(actor, repository);
  const self = await isOneself(context, actor, body);
  if (!self && !manages)
    throw noSuchRepository(repository.name, `${actor.name} does not manage ${repository.name}`);
  const subject = await findExplained(context, actor, body);
  if ('disabled' in subject) return { body: explainDisabled(subject.disabled, body.actions) };
  const { principal } = subject;
  const others = manages ? await grantsOn(context.database.reader, repository.name) : [];
  const surroundings = {
    principal,
    repository: manages ? repository : asShownTo(actor, repository),
    elsewhere,
    tag: body.tag === undefined ? undefined : parseTag(body.tag),
    now: Date.now(),
    others,
    tellsOtherPatterns: self || actor.admin,
  };
  return { body: explain(surroundings, body.actions) };
}

/** Which registry it is about. Throws `BAD_REQUEST` for one that no tokens are made for. */
async function placeOf(
  { registry, otherServices }: ExplainContext,
  name: RepositoryName,
  { service = registry?.service }: Question,
): Promise<{ readonly repository: RepositoryFacts; readonly elsewhere: boolean }> {
  if (registry !== undefined && service === registry.service)
    return { repository: await registry.findRepository(name), elsewhere: false };
  if (service !== undefined && !otherServices.some((other) => other.name === service)) {
    const message = 'service: this token server makes no tokens for that service';
    throw new OciError('BAD_REQUEST', { message, detail: { field: 'service' } });
  }
  return { repository: factsElsewhere(name), elsewhere: true };
}

/** As if it were missing for who may do nothing to it: what `push` needs would tell whether it is there. */
function asShownTo({ access }: Actor, repository: RepositoryFacts): RepositoryFacts {
  const isShown = tokenActions.some((action) => access.may(repository, action).allowed);
  return isShown ? repository : { name: repository.name, visibility: 'private', exists: false };
}

/** A narrowed token asks about itself only: its account may more. */
async function isOneself(
  { database }: ExplainContext,
  { name, account, narrowed }: Actor,
  { subject, token }: Question,
): Promise<boolean> {
  if (narrowed && (subject !== undefined || token !== undefined)) return false;
  if (subject !== undefined && (account === null || subject !== `${account.kind}:${name}`)) return false;
  if (token === undefined) return true;
  const owned = await findToken(database.reader, token);
  return owned !== undefined && owned.owner.id === account?.id;
}

async function findExplained(
  context: ExplainContext,
  actor: Actor,
  { subject, token }: Question,
): Promise<Subject> {
  const { principals } = context;
  if (subject === 'anonymous' && token === undefined) return { principal: await principals.anonymous() };
  if (subject !== undefined || token !== undefined) return ofSubject(context, { subject, token });
  if (actor.account === null) return { principal: principals.local() };
  const principal = await principals.load({ uid: actor.account.id, cid: actor.credential });
  if (principal === undefined) throw notFound('account');
  return { principal };
}

async function ofSubject(
  { database, principals }: ExplainContext,
  { subject, token }: Pick<Question, 'subject' | 'token'>,
): Promise<Subject> {
  const owned = token === undefined ? undefined : await findToken(database.reader, token);
  if (token !== undefined && owned === undefined) throw notFound('token');
  const row = subject === undefined ? owned?.owner : await subjectNamed(database, subject);
  if (row === undefined || (owned !== undefined && owned.owner.id !== row.id))
    throw notFound(`user or robot: ${subject}`);
  if (row.disabled === 1) return { disabled: row.name };
  const principal = await principals.load({ uid: row.id, cid: token });
  return principal === undefined ? { disabled: `the token of ${row.name}` } : { principal };
}

async function subjectNamed({ reader }: TokenDatabase, text: string): Promise<SubjectRow | undefined> {
  const subject = parseGrantSubject(text);
  if (subject?.kind !== 'user' && subject?.kind !== 'robot') return undefined;
  return findSubject(reader, subject.kind, subject.name ?? '');
}
