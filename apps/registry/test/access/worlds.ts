import * as fc from 'fast-check';
import { actionsOf } from './rights.ts';
import {
  everyTag,
  names,
  robots,
  teams,
  users,
  type Case,
  type Change,
  type Credential,
  type Grant,
  type Limit,
  type Repository,
  type World,
} from './world.ts';

const actions = ['pull', 'push', 'delete', 'create', 'overwrite', 'admin'];
const people = [...users, ...robots];
const number = fc.nat({ max: 10_000 });

const subject = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...users.map((name) => `user:${name}`)) },
  { weight: 3, arbitrary: fc.constantFrom(...teams.map((name) => `team:${name}`)) },
  { weight: 2, arbitrary: fc.constantFrom(...robots.map((name) => `robot:${name}`)) },
  { weight: 2, arbitrary: fc.constantFrom('authenticated', 'anonymous') },
);

const pattern = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom<string>(...names) },
  { weight: 3, arbitrary: fc.constantFrom('ana/*', 'team/*', 'team/deep/*', 'teamx/*', 'ben/*') },
  { weight: 4, arbitrary: fc.constantFrom('ana/**', 'team/**', 'team/deep/**', 'ben/**', 'solo/**') },
  { weight: 1, arbitrary: fc.constant('**') },
);

const someActions = fc.uniqueArray(fc.constantFrom(...actions), { minLength: 1, maxLength: 4 });
const rights = fc.oneof(
  fc.constantFrom('reader', 'writer', 'publisher', 'maintainer', 'maintainer', 'owner'),
  someActions,
);
const tagPattern = fc.constantFrom('v*', 'latest', '*', 'v1', 'rc.*', '*1', 'm*i', '*e*');
const lasts = fc.oneof(
  { weight: 5, arbitrary: fc.constant('ever' as const) },
  { weight: 1, arbitrary: fc.constantFrom('past' as const, 'an hour' as const) },
);

const anyGrant: fc.Arbitrary<Grant> = fc.record({
  effect: fc.constantFrom('allow', 'allow', 'allow', 'deny'),
  subject,
  repository: pattern,
  rights,
  tags: fc.option(tagPattern, { freq: 2 }),
  lasts,
});

/** A few tags are taken, or one thing is given beside: where pushing, moving and deleting come apart. */
const partOfTags: fc.Arbitrary<Grant> = fc.record({
  effect: fc.constantFrom('allow', 'deny'),
  subject,
  repository: fc.constantFrom('team/**', 'ana/**', 'ben/**', '**'),
  rights: fc.constantFrom<Grant['rights']>(
    'publisher',
    ['push'],
    ['overwrite'],
    ['delete'],
    ['push', 'delete'],
  ),
  tags: tagPattern,
  lasts: fc.constant('ever' as const),
});

const grant = fc.oneof({ weight: 3, arbitrary: anyGrant }, { weight: 1, arbitrary: partOfTags });

const limit: fc.Arbitrary<Limit> = fc.record({ repository: pattern, actions: someActions });

const credential: fc.Arbitrary<Credential> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({
      owner: fc.constantFrom(...users),
      kind: fc.constantFrom('password' as const, 'refresh' as const),
      way: fc.constant('bearer' as const),
      limits: fc.constant(null),
      lasts: fc.constant('ever' as const),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      owner: fc.constantFrom(...people),
      kind: fc.constant('personal' as const),
      way: fc.constantFrom('bearer' as const, 'bearer' as const, 'basic' as const),
      limits: fc.option(fc.array(limit, { minLength: 1, maxLength: 3 }), { freq: 2 }),
      lasts,
    }),
  },
);

/** In every world: everybody without a limit, nobody with a token and without, and a password sent unasked. */
const always: readonly Credential[] = [
  ...people.map((owner) => ({ owner, kind: 'personal' as const, way: 'bearer' as const, ...wide() })),
  { owner: null, kind: 'none', way: 'bearer', ...wide() },
  { owner: null, kind: 'none', way: 'basic', ...wide() },
  { owner: 'ana', kind: 'password', way: 'basic', ...wide() },
];

function wide() {
  return { limits: null, lasts: 'ever' as const };
}

const visibility = fc.constantFrom<Repository['visibility']>('private', 'private', 'internal', 'public');

const repositories = fc.subarray([...names], { minLength: 4, maxLength: 7 }).chain((chosen) =>
  fc.tuple(
    ...chosen.map((name) =>
      fc.record({
        name: fc.constant(name),
        visibility,
        immutableTags: fc.oneof(
          { weight: 2, arbitrary: fc.constant([]) },
          { weight: 1, arbitrary: fc.array(tagPattern, { minLength: 1, maxLength: 2 }) },
        ),
      }),
    ),
  ),
);

const user = fc.constantFrom('ana', 'ben', 'cyd');
const team = fc.constantFrom(...teams);

const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ kind: fc.constant('grant' as const), grant: grant.filter(({ lasts }) => lasts !== 'past') }),
  fc.record({ kind: fc.constant('remove grant' as const), index: number }),
  fc.record({ kind: fc.constant('disable' as const), account: fc.constantFrom('ben', 'cyd', ...robots) }),
  fc.record({ kind: fc.constantFrom('leave' as const, 'join' as const), team, user }),
  fc.record({ kind: fc.constant('visibility' as const), index: number, visibility }),
  fc.record({ kind: fc.constant('remove credential' as const), index: number }),
);

const aCase: fc.Arbitrary<Case> = fc.record({
  operation: number,
  credential: number,
  repository: number,
  source: number,
  tag: fc.nat({ max: everyTag.length - 1 }),
  manifest: number,
  scope: number,
  stale: fc.boolean(),
});

/** Random worlds with `cases` questions each. */
export function worlds(cases: number): fc.Arbitrary<World> {
  const half = Math.ceil(cases / 2);
  const some = fc.array(aCase, { minLength: half, maxLength: half, size: 'max' });
  const world = fc.record({
    teams: fc.record({ red: fc.subarray([...users]), blue: fc.subarray([...users]) }),
    repositories,
    grants: fc.uniqueArray(grant, { minLength: 4, maxLength: 16, size: 'max', selector: wordsOf }),
    credentials: fc
      .array(credential, { minLength: 3, maxLength: 8, size: 'max' })
      .map((more) => [...always, ...more]),
    before: some,
    changes: fc.array(change, { minLength: 1, maxLength: 5, size: 'max' }),
    after: some,
  });
  return world.map((made) => ({ ...made, changes: newGrants(made.changes, made.grants) }));
}

/** What makes two grants the same, to the server too: all but how long they last. */
function wordsOf(grant: Grant): string {
  const { effect, subject, repository, tags } = grant;
  return JSON.stringify([effect, subject, repository, tags, [...actionsOf(grant)].sort()]);
}

function newGrants(changes: readonly Change[], grants: readonly Grant[]): Change[] {
  const known = new Set(grants.map(wordsOf));
  return changes.filter((change) => {
    if (change.kind !== 'grant') return true;
    const words = wordsOf(change.grant);
    return !known.has(words) && known.add(words);
  });
}
