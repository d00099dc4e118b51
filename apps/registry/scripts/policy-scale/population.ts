import { argon2Sync, createHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Parts } from '../../src/parts.ts';
import { below, oneOf, seeded } from './random.ts';

export interface Size {
  readonly users: number;
  readonly teams: number;
  readonly members: number;
  readonly grants: number;
  /** Grants of one user, teams of another, and grants to each of `authenticated` and `anonymous`. */
  readonly own: number;
  readonly joined: number;
  readonly everybody: number;
}

export interface Population {
  /** Names of users; each has the password {@link passwordOf} and the token {@link secretOf}. */
  readonly users: readonly string[];
  /** Who has a thousand grants, and who is in fifty teams. */
  readonly busy: string;
  readonly joiner: string;
  /** Repositories that grants are about. */
  readonly repositories: readonly string[];
}

type Row = Record<string, string | number | null>;

const random = seeded(1);
const epoch = { epoch: 0, created_at: 0 };

export const passwordOf = (user: string) => `password of ${user}`;

/** Of the form that Berth gives to personal access tokens. */
export function secretOf(user: string): string {
  const body = createHash('sha256').update(user).digest('hex').slice(0, 30);
  return `brt_${body}${base62(crc32(body)).padStart(6, '0')}`;
}

function base62(value: number): string {
  const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
  return value === 0 ? '' : base62(Math.floor(value / 62)) + alphabet[value % 62]!;
}

/** Fills an empty database: rows, as no API would make them in an hour. */
export async function populate({ database }: Parts, size: Size): Promise<Population> {
  const users = names('user', size.users);
  const teams = names('team', size.teams);
  const repositories = Array.from({ length: 20_000 }, randomRepository);
  const tables: readonly (readonly [string, readonly Row[]])[] = [
    [
      'subject',
      [...users.map((name) => subject('user', name)), ...teams.map((name) => subject('team', name))],
    ],
    ['credential', users.map(credential)],
    ['team_member', memberships(users, teams, size)],
    ['access_grant', grants(users, teams, repositories, size)],
  ];
  await database.as<Record<string, Row>>().transaction(async (trx) => {
    for (const [table, rows] of tables) {
      for (let from = 0; from < rows.length; from += 500) {
        await trx
          .insertInto(table)
          .values(rows.slice(from, from + 500))
          .execute();
      }
    }
  });
  return { users, busy: users[0]!, joiner: users[1]!, repositories };
}

function names(kind: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${kind}-${String(index).padStart(5, '0')}`);
}

function subject(kind: 'user' | 'team', name: string): Row {
  const hash = kind === 'user' ? cheapHash(passwordOf(name)) : null;
  return { id: name, name, kind, ...epoch, created_by: 'local', password_hash: hash };
}

/** The least that argon2id takes: not the hash is measured, but what comes after it. */
function cheapHash(message: string): string {
  const nonce = randomBytes(8);
  const options = { message, nonce, parallelism: 1, tagLength: 16, memory: 8, passes: 1 };
  const text = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');
  return `$argon2id$v=19$m=8,t=1,p=1$${text(nonce)}$${text(argon2Sync('argon2id', options))}`;
}

function credential(name: string): Row {
  const secret_hash = createHash('sha256').update(secretOf(name)).digest('hex');
  // Used just now: a use is written once a minute, and that is not measured.
  const last_used_at = Date.now() + 3_600_000;
  return {
    id: `token-of-${name}`,
    kind: 'personal',
    subject_id: name,
    name: 'scale',
    secret_hash,
    ...epoch,
    last_used_at,
  };
}

function memberships(users: readonly string[], teams: readonly string[], { members, joined }: Size): Row[] {
  const pairs = teams.flatMap((team, index) => {
    const chosen = new Set(Array.from({ length: members }, () => oneOf(random, users.slice(2))));
    if (index < joined) chosen.add(users[1]!);
    return [...chosen].map((user) => ({ team_id: team, user_id: user }));
  });
  return pairs;
}

/** A fifth of the grants are to teams, the rest to users, each of whom has a few. */
function grants(
  users: readonly string[],
  teams: readonly string[],
  repositories: readonly string[],
  size: Size,
): Row[] {
  const of = (count: number, kind: string, id: () => string | null) =>
    Array.from({ length: count }, () => grant(kind, id(), repositories));
  const rest = size.grants - size.own - 2 * size.everybody;
  const toTeams = Math.floor(rest / 5);
  const rows = [
    ...of(size.own, 'user', () => users[0]!),
    ...of(size.everybody, 'authenticated', () => null),
    ...of(size.everybody, 'anonymous', () => null),
    ...of(toTeams, 'team', () => oneOf(random, teams)),
    ...of(rest - toTeams, 'user', () => oneOf(random, users.slice(2))),
  ];
  return rows.map((row, index) => ({ ...row, id: `g${index}` }));
}

const roles = {
  reader: ['pull'],
  writer: ['pull', 'push', 'create', 'overwrite'],
  owner: ['pull', 'push', 'create', 'overwrite', 'delete', 'admin'],
};

/** One in twenty is a deny, one in twenty about some tags, one in twenty ends. */
function grant(subject_kind: string, subject_id: string | null, repositories: readonly string[]): Row {
  const chance = () => random() < 0.05;
  const deny = chance();
  const role = deny ? 'reader' : oneOf(random, ['reader', 'reader', 'writer', 'owner'] as const);
  const actions = deny ? ['delete', 'overwrite'] : roles[role];
  return {
    effect: deny ? 'deny' : 'allow',
    subject_kind,
    subject_id,
    pattern: patternOf(oneOf(random, repositories)),
    actions: JSON.stringify(actions),
    role: deny ? null : role,
    tags: chance() ? 'v*' : null,
    expires_at: chance() ? Date.now() + 86_400_000 : null,
    created_at: 0,
    created_by: 'local',
    by_admin: 1,
  };
}

function patternOf(repository: string): string {
  const parent = repository.slice(0, repository.lastIndexOf('/'));
  const kind = random();
  return kind < 0.6 ? repository : kind < 0.8 ? `${parent}/**` : `${parent}/*`;
}

function randomRepository(): string {
  const parts = [`group-${below(random, 500)}`, `app-${below(random, 200)}`];
  return random() < 0.3 ? [...parts, `part-${below(random, 20)}`].join('/') : parts.join('/');
}
