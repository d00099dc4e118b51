import type { Actor } from '@berth/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWorld, type World } from '../testing/world.ts';

let world: World;
let root: Actor;
let bob: Actor;
let eve: Actor;

beforeAll(async () => {
  world = await openWorld();
  root = await world.newcomer('root', { admin: true });
  bob = await world.newcomer('bob');
  eve = await world.newcomer('eve');
});

afterAll(() => world.close());

const audit = (action: string, query: Record<string, string> = {}) =>
  world.call(root, 'GET /audit', { query: { action, ...query } });

const noWord =
  /^action: there is no such action; there are those of login, registry, repository, user, team, /;

test.each([
  ['one letter less', 'user.creat', 'action: there is no action user.creat; did you mean user.create?'],
  ['many', 'users', 'action: there is no action users; did you mean user?'],
  ['a noun and a dot', 'user.', 'action: there is no action user.; did you mean user?'],
  ['what it was called before', 'DELETE /users/:name', noWord],
  ['nothing', '', noWord],
  ['a long word', 'user.create'.repeat(1000), noWord],
])('%s is no action', async (_, word, message) => {
  expect(await audit(word)).toEqual({
    status: 400,
    body: typeof message === 'string' ? message : expect.stringMatching(message),
  });
});

test('a noun finds all of its actions, page by page, the newest first', async () => {
  for (const name of ['one', 'two', 'three']) {
    await world.call(root, 'POST /teams', { body: { name } });
    await world.call(root, `PUT /teams/${name}/members/bob`);
    if (name !== 'two') await world.call(root, `DELETE /teams/${name}`);
  }
  const wanted = ['team.delete three', 'team.create three', 'team.create two', 'team.delete one'];
  const seen = [];
  for (let last = ''; ;) {
    const { body } = await audit('team', { n: '2', last, outcome: 'done' });
    seen.push(
      ...body.items.map((item: { action: string; target: string }) => `${item.action} ${item.target}`),
    );
    last = body.next ?? '';
    if (last === '') break;
  }
  expect(seen).toEqual([...wanted, 'team.create one']);
});

test.each([
  ['POST /users', 'user.create', { name: 'somebody' }],
  ['PATCH /users/root', 'user.update', { disabled: true }],
  ['DELETE /users/root', 'user.delete'],
  ['POST /teams', 'team.create', { name: 'somebody' }],
  ['GET /teams/two/members', 'member.read'],
  ['PUT /teams/two/members/root', 'member.add'],
  ['GET /keys', 'key.read'],
  ['POST /keys/rotate', 'key.rotate'],
  ['GET /audit', 'audit.read'],
])('%s, denied, is found as %s', async (call, action, body?: object) => {
  const before = await audit(action, { subject: 'eve' });
  expect(before.body.items).toEqual([]);
  expect(await world.call(eve, call, { body })).toMatchObject({ status: 403 });
  await world.audit.flush();
  const after = await audit(action, { subject: 'eve' });
  expect(after.body.items).toMatchObject([{ action, outcome: 'denied', actor: 'eve' }]);
});

test('a repository that is hidden is found by its name', async () => {
  world.repositories.set('team/app', 'private');
  expect(await world.call(bob, 'GET /repositories/team/app/-/access')).toMatchObject({ status: 404 });
  await world.audit.flush();
  const { body } = await audit('access', { repository: 'team/app' });
  expect(body.items).toMatchObject([{ action: 'access.read', outcome: 'denied', actor: 'bob' }]);
});
