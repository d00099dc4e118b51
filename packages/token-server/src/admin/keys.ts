import {
  auditedRoute,
  requireAdmin,
  type AdminReply,
  type AdminRequest,
  type AuditedRoute,
} from '@berth/protocol';
import { z } from 'zod';
import { recordIn } from '../audit-log.ts';
import { certificatePem } from '../tokens/certificate.ts';
import type { SigningKey } from '../tokens/key-rows.ts';
import type { Keys, RecordKeyChange } from '../tokens/keys.ts';
import { by } from './context.ts';
import { future, isoTime } from './fields.ts';

const key = z.strictObject({
  kid: z.string(),
  algorithm: z.string(),
  createdAt: z.string(),
  signsFrom: z.string(),
  endsAt: z.string().optional().describe('when the last token that it signed has ended'),
});

const exportQuery = z.strictObject({ format: z.enum(['jwks', 'pem']).default('jwks') });

type ExportQuery = z.infer<typeof exportQuery>;

/** 30 days, in milliseconds. */
const longestWait = 2_592_000_000;

const rotation = z
  .strictObject({
    signsFrom: future
      .refine((text) => Date.parse(text) <= Date.now() + longestWait, 'must be within 30 days')
      .optional()
      .describe('so that other registries can be given the key before'),
  })
  .optional();

type Rotation = z.infer<typeof rotation>;

const jwks = z.strictObject({
  keys: z.array(z.looseObject({ kty: z.string(), kid: z.string(), alg: z.string(), use: z.string() })),
});

const bundle = z.strictObject({ pem: z.string().describe('certificates, one after the other') });

export function keyRoutes(keys: Keys): AuditedRoute[] {
  return [
    auditedRoute({
      action: 'key.read',
      method: 'GET',
      path: '/keys',
      summary: 'List the keys that sign tokens, or did while these can be good',
      response: z.strictObject({ items: z.array(key) }),
      handle: (request) => listKeys(keys, request),
    }),
    auditedRoute({
      action: 'key.read',
      method: 'GET',
      path: '/keys/export',
      summary: 'Keys for other registries: `jwks`, or `pem` for their `rootcertbundle`',
      query: exportQuery,
      response: z.union([jwks, bundle]),
      handle: (request) => exportKeys(keys, request),
    }),
    auditedRoute({
      action: 'key.rotate',
      method: 'POST',
      path: '/keys/rotate',
      summary: 'Publish a new key now, and sign with it soon, or from the time given',
      body: rotation,
      response: z.strictObject({ kid: z.string(), signsFrom: z.string() }),
      handle: (request) => rotate(keys, request),
    }),
  ];
}

async function listKeys(keys: Keys, { actor }: AdminRequest<undefined, undefined>): Promise<AdminReply> {
  requireAdmin(actor);
  return { body: { items: (await keys.list()).map(viewOf) } };
}

async function exportKeys(
  keys: Keys,
  { actor, query }: AdminRequest<undefined, ExportQuery>,
): Promise<AdminReply> {
  requireAdmin(actor);
  const published = await keys.list();
  if (query.format === 'jwks') return { body: { keys: published.map(({ publicJwk }) => publicJwk) } };
  return { body: { pem: published.map(({ certificate }) => certificatePem(certificate)).join('') } };
}

async function rotate(keys: Keys, { actor, body }: AdminRequest<Rotation, undefined>): Promise<AdminReply> {
  requireAdmin(actor);
  const from = body?.signsFrom === undefined ? undefined : Date.parse(body.signsFrom);
  const record: RecordKeyChange = (trx, change) =>
    recordIn(trx, { ...by(actor), ...change, outcome: 'done' });
  const { kid, signsFrom } = await keys.rotate(record, from);
  return { status: 201, body: { kid, signsFrom: isoTime(signsFrom) } };
}

function viewOf({ kid, algorithm, createdAt, signsFrom, endsAt }: SigningKey): z.infer<typeof key> {
  return {
    kid,
    algorithm,
    createdAt: isoTime(createdAt),
    signsFrom: isoTime(signsFrom),
    ...(endsAt === undefined ? {} : { endsAt: isoTime(endsAt) }),
  };
}
