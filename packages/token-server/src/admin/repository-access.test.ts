import { actions } from '@berth/protocol';
import * as fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openWorld, type World } from '../testing/world.ts';

interface Item {
  readonly subject: string;
  readonly actions: readonly string[];
  readonly through?: string;
}

let world: World;

beforeEach(async () => {
  world = await openWorld({ repositories: ['team/app'] });
  for (const name of ['alice', 'bob', 'carol']) await make('POST /users', { name });
  await make('POST /users', { name: 'root', admin: true });
  await make('POST /robots', { name: 'ci', pattern: 'alice/**' });
  await make('POST /teams', { name: 'core' });
  await make('PUT /teams/core/members/alice');
  world.repositories.set('alice/app', 'private');
});

afterEach(() => world.close());

const make = async (request: string, body?: object) =>
  (await world.call(world.local, request, { body })).body;
const grant = async (subject: string, repository: string, role: string, more: object = {}) =>
  (await make('POST /grants', { subject, repository, role, ...more })).id as string;
const accessTo = async (name: string, query = {}): Promise<{ items: Item[]; next?: string }> =>
  (await world.call(world.local, `GET /repositories/${name}/-/access`, { query })).body;

test('who can do what, through which grant, ownership or visibility', async () => {
  const core = await grant('team:core', 'team/**', 'writer');
  const releases = { subject: 'user:bob', repository: 'team/app', actions: ['push', 'delete'], tags: 'v*' };
  const { id: tags } = await make('POST /grants', releases);
  const ci = await grant('robot:ci', 'team/*', 'reader');
  const all = await grant('authenticated', 'team/app', 'reader');
  await grant('user:carol', 'other/**', 'owner');
  const deny = await grant('user:carol', '**', 'reader', { effect: 'deny' });
  world.repositories.set('team/app', 'public');
  const { items } = await accessTo('team/app');
  expect(items).toEqual([
    { subject: 'anonymous', actions: ['pull'], through: 'visibility public' },
    { subject: 'authenticated', actions: ['pull'], through: `authenticated → grant ${all} reader team/app` },
    {
      subject: 'user:alice',
      actions: ['pull', 'push', 'create', 'overwrite'],
      through: `team:core → grant ${core} writer team/**`,
    },
    { subject: 'user:bob', actions: ['pull'], through: `authenticated → grant ${all} reader team/app` },
    {
      subject: 'user:bob',
      actions: ['push', 'delete'],
      through: `grant ${tags} push,delete team/app for the tags v*`,
    },
    { subject: 'user:carol', actions: [], through: `grant ${deny} deny reader **` },
    { subject: 'robot:ci', actions: ['pull'], through: `grant ${ci} reader team/*` },
    { subject: 'user:root', actions, through: 'administration of **' },
  ]);
  const alices = await accessTo('alice/app');
  expect(alices.items).toContainEqual(
    expect.objectContaining({ subject: 'user:alice', through: 'ownership of alice/**' }),
  );
});

test('pages have whole accounts, and what is general comes first', async () => {
  for (const name of ['bob', 'carol', 'alice']) await grant(`user:${name}`, 'team/app', 'writer');
  await grant('anonymous', 'team/app', 'reader');
  const whole = (await accessTo('team/app')).items;
  const paged: Item[] = [];
  for (let last: string | undefined = ''; last !== undefined;) {
    const { items, next } = await accessTo('team/app', { n: '2', last });
    paged.push(...items);
    last = next;
  }
  expect(paged).toEqual(whole);
  expect(whole[0]?.subject).toBe('anonymous');
});

test('for its administrators; hidden from others, and missing where it is missing', async () => {
  const mallory = await world.newcomer('mallory');
  const missing = (name = 'team/app') => ({
    status: 404,
    body: { code: 'NOT_FOUND', message: `there is no repository ${name}` },
  });
  const ask = (name: string) => world.call(mallory, `GET /repositories/${name}/-/access`);
  expect(await ask('team/app')).toEqual(missing());
  expect(await ask('team/none')).toEqual(missing('team/none'));
  await grant('user:mallory', 'team/**', 'maintainer');
  const mayAlmostAll = await world.newcomer('trent');
  expect(await world.call(mayAlmostAll, 'GET /repositories/team/app/-/access')).toMatchObject(missing());
  await grant('user:mallory', 'team/**', 'owner');
  const owner = await world.as((await make('POST /tokens', { name: 'x', user: 'mallory' })).secret);
  expect(await world.call(owner, 'GET /repositories/team/app/-/access')).toMatchObject({ status: 200 });
  expect(await world.call(owner, 'GET /repositories/team/none/-/access')).toMatchObject(missing('team/none'));
  const scopes = [{ repository: '**', actions: [...actions] }];
  const { secret } = await make('POST /tokens', { name: 'narrow', user: 'mallory', scopes });
  const narrow = await world.as(secret);
  expect(await world.call(narrow, 'GET /repositories/team/app/-/access')).toMatchObject(missing());
});

const subject = fc.constantFrom(
  'user:alice',
  'user:bob',
  'robot:ci',
  'team:core',
  'authenticated',
  'anonymous',
);
const someGrant = fc.record({
  subject,
  repository: fc.constantFrom('team/app', 'team/*', 'team/**', '**', 'alice/**'),
  effect: fc.constantFrom('allow', 'allow', 'deny'),
  actions: fc.uniqueArray(fc.constantFrom(...actions), { minLength: 1 }),
  tags: fc.constantFrom(undefined, undefined, 'v*'),
});

test('it says what explain says, of everyone', async () => {
  const visibility = fc.constantFrom('private' as const, 'internal' as const, 'public' as const);
  const name = fc.constantFrom('team/app', 'alice/app');
  const everyone = ['user:alice', 'user:bob', 'user:carol', 'robot:ci', 'user:root', 'anonymous'];
  const check = async (name: string) => {
    const { items } = await accessTo(name);
    const of = (subject: string) => items.filter((item) => item.subject === subject);
    for (const who of everyone) {
      const circles = who === 'anonymous' ? [who] : [who, 'authenticated', 'anonymous'];
      const rows = circles.map(of).find((rows) => rows.length > 0) ?? [];
      const asked = { subject: who, repository: name, actions };
      const explained = (await make('POST /explain', asked)).actions as Record<string, { allowed: boolean }>;
      const may = actions.filter((action) => explained[action]?.allowed);
      expect([who, rows.flatMap((row) => row.actions).sort()]).toEqual([who, may.sort()]);
    }
  };
  await fc.assert(
    fc.asyncProperty(
      fc.array(someGrant, { maxLength: 6 }),
      visibility,
      name,
      async (grants, visible, name) => {
        world.repositories.set(name, visible);
        const ids: string[] = [];
        for (const body of grants) ids.push((await make('POST /grants', body)).id);
        await check(name);
        for (const id of ids) await make(`DELETE /grants/${id}`);
      },
    ),
    { numRuns: 40 },
  );
});
