/**
 * All that the audit can have, and what each is, done or tried. Those that only read something are there where they were
 * denied or hidden.
 */
export const auditActions = {
  login: 'log in with a password, a personal access token or a refresh token: only what failed',
  'registry.pull': 'read a manifest, a blob, tags or referrers: only what was refused',
  'registry.push': 'push a manifest, or make or move a tag; of blobs and uploads only what was refused',
  'registry.delete': 'delete a manifest, a tag or a blob',
  'repository.read': 'see a repository, its tags or a manifest in the administration',
  'repository.change': 'change visibility, immutable tags or description',
  'repository.delete': 'delete a repository with all that it holds',
  'user.create': 'make a user, also the first administrator',
  'user.read': 'see users',
  'user.update': 'change a user: email, administrator, disabled or not, and a password beside these',
  'user.password': 'change a password, and nothing else',
  'user.rehash': 'store an imported password in the own way, at the first login with it',
  'user.delete': 'delete a user',
  'team.create': 'make a team',
  'team.read': 'see teams',
  'team.delete': 'delete a team',
  'member.add': 'take a user into a team',
  'member.read': 'see the members of a team',
  'member.remove': 'take a user out of a team',
  'robot.create': 'make a robot',
  'robot.read': 'see robots',
  'robot.update': 'change a robot',
  'robot.delete': 'delete a robot',
  'token.create': 'make a personal access token',
  'token.read': 'see personal access tokens',
  'token.delete': 'end a personal access token',
  'grant.create': 'make a grant',
  'grant.read': 'see grants',
  'grant.update': 'confirm, as an administrator, a grant that somebody else had made',
  'grant.delete': 'delete a grant',
  'access.read': 'ask who may do what: `berth explain`, and the rights on a repository',
  'key.rotate': 'publish a new key that will sign tokens',
  'key.read': 'see or export the keys',
  'key.remove': 'remove a key whose last token has ended, or that will never sign',
  'job.garbage-collect': 'collect garbage',
  'job.verify': 'compare blobs with their digests',
  'job.check': 'compare storage and database',
  'job.export': 'write what another registry needs to serve the storage',
  'job.read': 'see jobs, and what waits for the collection',
  'audit.read': 'see the audit',
  'audit.drop': 'more happened than is written down; `after` has how often',
} as const satisfies Readonly<Record<string, string>>;

/** Noun and verb: `grant.create`; `login` is one word. */
export type AuditAction = keyof typeof auditActions;

const names = Object.keys(auditActions) as AuditAction[];

const nouns = new Set(names.map((name) => name.replace(/\..*/, '')));

/** What the audit can be asked for: each action, and each noun, which stands for all of its actions. */
export const auditWords: readonly string[] = [...new Set<string>([...nouns, ...names])].toSorted();

/** Those that one of {@link auditWords} stands for; none for another word. */
export function auditActionsOf(word: string): AuditAction[] {
  return names.filter((name) => name === word || name.startsWith(`${word}.`));
}

/** The actions of each noun, `['grant', ['grant.create', …]]`, in the order of {@link auditActions}. */
export function auditActionsByNoun(): [noun: string, actions: AuditAction[]][] {
  return [...nouns].map((noun) => [noun, auditActionsOf(noun)]);
}
