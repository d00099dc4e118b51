import { actions, isTagPattern, parseRepositoryPattern, roles, type Role } from '@berth/protocol';
import { z } from 'zod';
import { isKnownHash, longestPassword, shortestPassword } from '../credentials/password-hash.ts';
import { parseGrantSubject } from '../grants/subject-text.ts';

/** The grammar is checked where the name is made. */
export const name = z.string().min(1).max(255);

export const password = z
  .string()
  .min(shortestPassword)
  .max(longestPassword)
  .refine((text) => Buffer.byteLength(text) <= longestPassword, `must have at most ${longestPassword} bytes`);

export const passwordHash = z
  .string()
  .max(512)
  .refine(isKnownHash, 'must be bcrypt ($2y$…, cost 4 to 14) or argon2id in PHC string format');

export const email = z.email().max(254);

/** A name of 255 characters, and `/**`. */
export const pattern = z
  .string()
  .max(258)
  .refine(
    (text) => parseRepositoryPattern(text) !== undefined,
    'must be a repository (team/app), its children (team/*), all below (team/**), or **',
  );

export const tagPattern = z
  .string()
  .max(128)
  .refine(isTagPattern, 'must be a tag in which * stands for any characters');

export const action = z.enum(actions);

export const role = z.enum(Object.keys(roles) as [Role, ...Role[]]);

export const subject = z
  .string()
  .max(300)
  .refine(
    (text) => parseGrantSubject(text) !== undefined,
    'must be user:<name>, team:<name>, robot:<name>, authenticated or anonymous',
  );

export const time = z.iso.datetime({ offset: true }).max(40);

export const future = time.refine((text) => Date.parse(text) > Date.now(), 'must be in the future');

export const scope = z.strictObject({
  repository: pattern,
  actions: z.array(action).min(1).max(actions.length),
});

/** As the API has a time of the database. */
export function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
