import type { AuditEvent } from '@berth/protocol';
import type { Insertable } from 'kysely';
import type { AuditTable } from './schema/audit.ts';

export type AuditRow = Insertable<AuditTable>;

/**
 * Personal access and refresh tokens, JSON web tokens and other JSON in base64, and hashes of passwords. None has a place in
 * an event, but a name, a path or a comment is what somebody typed, and he may have pasted one. No expression fails after a
 * long way, to try again a character later: that takes half a second for a path of 16 kB.
 */
const secrets = [
  /br[tr]_\w{20,}/g,
  /eyJ(?:[\w-]{41,}|[\w-]{8,40}(?=\.))(?:\.[\w-]*){0,2}/g, // `{"`; a `kid`, of 43 random characters, is no secret
  /\$(?:argon2\w*|2[abxy])\$[^\s"']+/g,
];

const secretMarks = /br[tr]_|eyJ|\$(?:argon2|2[abxy]\$)/;

export function toAuditRow(event: AuditEvent, at: number): AuditRow {
  const { action, outcome, actor, address, credential, repository, target, before, after, reason } = event;
  return {
    at,
    action,
    outcome,
    actor,
    address: address || null,
    credential: credential ?? null,
    repository: textOf(repository),
    target: textOf(target),
    before: textOf(jsonOf(before)),
    after: textOf(jsonOf(after)),
    reason: textOf(reason),
  };
}

function jsonOf(value: unknown): string | undefined {
  return value === undefined ? undefined : JSON.stringify(value);
}

function textOf(text: string | undefined): string | null {
  if (text === undefined) return null;
  return secretMarks.test(text)
    ? secrets.reduce((shown, secret) => shown.replaceAll(secret, '***'), text)
    : text;
}
