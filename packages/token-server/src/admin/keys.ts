import { adminRoute, type AdminReply, type AdminRequest, type AdminRoute } from '@berth/protocol';
import { z } from 'zod';
import { recordIn } from '../audit-log.ts';
import type { Keys, SigningKey } from '../tokens/keys.ts';
import { by } from './context.ts';
import { isoTime } from './fields.ts';
import { requireAdmin } from './permission.ts';

const key = z.strictObject({
  kid: z.string(),
  algorithm: z.string(),
  createdAt: z.string(),
  signsFrom: z.string(),
  endsAt: z.string().optional().describe('when the last token that it signed has ended'),
});

export function keyRoutes(keys: Keys): AdminRoute[] {
  return [
    adminRoute({
      method: 'GET',
      path: '/keys',
      summary: 'List the keys that sign tokens, or did while these can be good',
      response: z.strictObject({ items: z.array(key) }),
      handle: (request) => listKeys(keys, request),
    }),
    adminRoute({
      method: 'POST',
      path: '/keys/rotate',
      summary: 'Publish a new key now, and sign with it soon',
      response: z.strictObject({ kid: z.string(), signsFrom: z.string() }),
      handle: (request) => rotate(keys, request),
    }),
  ];
}

async function listKeys(keys: Keys, { actor }: AdminRequest<undefined, undefined>): Promise<AdminReply> {
  requireAdmin(actor);
  return { body: { items: (await keys.list()).map(viewOf) } };
}

async function rotate(keys: Keys, { actor }: AdminRequest<undefined, undefined>): Promise<AdminReply> {
  requireAdmin(actor);
  const { kid, signsFrom } = await keys.rotate((trx, kid) =>
    recordIn(trx, { ...by(actor), action: 'key.rotate', target: kid, outcome: 'done' }),
  );
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
