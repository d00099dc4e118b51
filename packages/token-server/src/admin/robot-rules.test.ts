import type { Actor } from '@berth/protocol';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { insertRobot } from '../subjects/robots.ts';
import { openWorld, type World } from '../testing/world.ts';

let world: World;
let alice: Actor;
let root: Actor;

beforeEach(async () => {
  world = await openWorld();
  alice = await world.newcomer('alice');
  root = await world.newcomer('root', { admin: true });
  for (const [repository, actions] of [
    ['team/**', ['admin']],
    ['a.b_c/**', ['admin']],
  ] as const) {
    await make(root, 'POST /grants', { subject: 'user:alice', repository, actions });
  }
});

afterEach(() => world.close());

const make = (actor: Actor, request: string, body: unknown = {}) => world.call(actor, request, { body });

const robot = (actor: Actor, name: string, pattern: string) => make(actor, 'POST /robots', { name, pattern });

test.each([
  ['team-ci', 'team/**', 201],
  ['team.ci', 'team/app', 201],
  ['team_ci', 'team/*', 201],
  ['team--ci', 'team/app/**', 201],
  ['a.b_c-1', 'a.b_c/**', 201],
  ['alice-ci', 'alice/**', 201],
  ['ci', 'team/**', 403],
  ['teamci', 'team/**', 403],
  ['team', 'team/**', 403],
  ['bob', 'alice/**', 403],
  ['alice-ci', 'team/**', 403],
  ['team-ci', 'alice/**', 403],
  ['team-', 'team/**', 400],
])('alice names a robot %s of %s: %i', async (name, pattern, status) => {
  expect((await robot(alice, name, pattern)).status).toBe(status);
});

test('the reason says how it must be named', async () => {
  const { body } = await robot(alice, 'deploy', 'team/app');
  expect(body.message).toBe(
    'name: a robot of team/app must be named team-<rest>, team.<rest> or team_<rest>: only administrators choose other names',
  );
});

test('administrators name robots as they like, also of **', async () => {
  expect(await robot(root, 'deploy', 'team/**')).toMatchObject({ status: 201 });
  expect(await robot(root, 'mirror', '**')).toMatchObject({ status: 201 });
});

test('a robot of ** is for administrators, also where somebody else owns **', async () => {
  await make(root, 'POST /grants', { subject: 'user:alice', repository: '**', role: 'owner' });
  expect(await robot(alice, 'alice-all', '**')).toMatchObject({
    status: 403,
    body: { message: 'only administrators make robots of **' },
  });
  await robot(alice, 'alice-ci', 'alice/**');
  expect(await make(alice, 'PATCH /robots/alice-ci', { pattern: '**' })).toMatchObject({ status: 403 });
});

test('a robot moves within its namespace, and into another one as a new one would', async () => {
  await robot(root, 'deploy', 'team/**');
  expect(await make(alice, 'PATCH /robots/deploy', { pattern: 'team/app' })).toMatchObject({ status: 200 });
  expect(await make(alice, 'PATCH /robots/deploy', { pattern: 'alice/**' })).toMatchObject({ status: 403 });
  expect(await make(root, 'PATCH /robots/deploy', { pattern: 'alice/**' })).toMatchObject({ status: 200 });
});

test('a robot moves to no wider pattern than what its manager has admin on', async () => {
  const bob = await world.newcomer('bob');
  await make(root, 'POST /grants', { subject: 'user:bob', repository: 'team/app', role: 'owner' });
  expect(await robot(bob, 'team-app', 'team/app')).toMatchObject({ status: 201 });
  expect(await make(bob, 'PATCH /robots/team-app', { pattern: 'team/**' })).toMatchObject({
    status: 403,
    body: { message: 'you do not have admin on all of team/**' },
  });
});

test('a namespace has two hundred robots', async () => {
  await world.database.transaction(async (trx) => {
    for (let index = 0; index < 200; index += 1) {
      const pattern = ['team', 'team/**'][index] ?? `team/app-${index}`;
      await insertRobot(trx, { name: `team-${index}`, pattern, createdBy: 'alice' });
    }
  });
  expect(await robot(alice, 'team-next', 'team/**')).toMatchObject({
    status: 409,
    body: { message: expect.stringContaining('team has 200 robots: delete some first') },
  });
  expect(await robot(alice, 'alice-ci', 'alice/**')).toMatchObject({ status: 201 });
  expect(await robot(root, 'team-next', 'team/**')).toMatchObject({ status: 201 });
});

async function tokenOf(name: string): Promise<string> {
  return (await make(root, 'POST /tokens', { name: 'x', robot: name })).body.secret;
}

test('who is disabled or leaves a team leaves its robots running', async () => {
  await robot(alice, 'team-ci', 'team/**');
  await robot(alice, 'alice-ci', 'alice/**');
  const secrets = [await tokenOf('team-ci'), await tokenOf('alice-ci')];
  await make(root, 'PATCH /users/alice', { disabled: true });
  for (const secret of secrets) expect(await world.as(secret)).toMatchObject({ account: { kind: 'robot' } });
});

test('who deletes a user says what becomes of the robots below his name', async () => {
  for (const name of ['alice-ci', 'alice-deploy']) await robot(alice, name, 'alice/**');
  await robot(alice, 'team-ci', 'team/**');
  const asked = await world.call(root, 'DELETE /users/alice');
  expect(asked).toMatchObject({
    status: 409,
    body: { message: expect.stringMatching(/alice-ci, alice-deploy\. .*\?robots=delete \(--robots delete/) },
  });
  expect(await world.call(root, 'GET /users/alice')).toMatchObject({ status: 200 });
});

test('deleted with him, they and their tokens end at once; those of a team go on', async () => {
  await robot(alice, 'alice-ci', 'alice/**');
  await robot(alice, 'team-ci', 'team/**');
  await make(root, 'POST /grants', { subject: 'robot:alice-ci', repository: 'team/app', role: 'reader' });
  const [gone, stays] = [await tokenOf('alice-ci'), await tokenOf('team-ci')];
  await world.as(gone);
  const query = { robots: 'delete' };
  expect(await world.call(root, 'DELETE /users/alice', { query })).toMatchObject({ status: 204 });
  await expect(world.as(gone)).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  expect(await world.as(stays)).toMatchObject({ name: 'team-ci' });
  const audit = await world.database.reader
    .selectFrom('audit')
    .select(['action', 'target'])
    .orderBy('id', 'desc')
    .limit(8)
    .execute();
  expect(audit).toContainEqual({ action: 'robot.delete', target: 'alice-ci' });
  expect(audit.map(({ action }) => action)).toContain('grant.delete');
  expect(await make(root, 'POST /users', { name: 'alice' })).toMatchObject({ status: 201 });
});

test('kept, they go on, and a new user of the name gets them only where somebody hands them over', async () => {
  await robot(alice, 'alice-ci', 'alice/**');
  const secret = await tokenOf('alice-ci');
  const query = { robots: 'keep' };
  expect(await world.call(root, 'DELETE /users/alice', { query })).toMatchObject({ status: 204 });
  expect(await world.as(secret)).toMatchObject({ name: 'alice-ci' });
  expect(await make(root, 'POST /users', { name: 'alice' })).toMatchObject({
    status: 409,
    body: { message: expect.stringMatching(/^robots under alice\/ exist already/) },
  });
  expect(await make(root, 'POST /users', { name: 'alice', handover: true })).toMatchObject({ status: 201 });
});

test('what is left under a name is named whole, so that nobody hands over more than he knows', async () => {
  await robot(alice, 'alice-ci', 'alice/**');
  await make(alice, 'POST /grants', { subject: 'user:root', repository: 'alice/tool', role: 'reader' });
  world.repositories.set('alice/tool', 'private');
  await world.call(root, 'DELETE /users/alice', { query: { robots: 'keep' } });
  for (const kind of ['users', 'teams']) {
    const { status, body } = await make(root, `POST /${kind}`, { name: 'alice' });
    expect([status, body.message]).toEqual([
      409,
      expect.stringMatching(/^repositories, grants and robots under alice\/ exist already/),
    ]);
  }
});

test('a new user of an old name has no right to grants that the old one made elsewhere', async () => {
  const made = await make(alice, 'POST /grants', {
    subject: 'user:root',
    repository: 'team/app',
    actions: ['admin'],
  });
  await world.call(root, 'DELETE /users/alice');
  const again = await world.newcomer('alice');
  expect(await world.call(again, `GET /grants/${made.body.id}`)).toMatchObject({ status: 404 });
  expect(await world.call(again, `DELETE /grants/${made.body.id}`)).toMatchObject({ status: 404 });
});

test('a robot that is deleted and made again meanwhile is another one', async () => {
  await robot(root, 'deploy', 'team/**');
  const changed = await world.database.transaction(async (trx) => {
    const change = make(alice, 'PATCH /robots/deploy', { disabled: true });
    await sleep(100);
    await trx.deleteFrom('subject').where('name', '=', 'deploy').execute();
    await insertRobot(trx, { name: 'deploy', pattern: 'prod/**', createdBy: 'root' });
    return { change };
  });
  expect(await changed.change).toMatchObject({ status: 404 });
  expect(await make(root, 'GET /robots/deploy')).toMatchObject({
    body: { pattern: 'prod/**', disabled: false },
  });
});

test('who shares names a robot of others, and learns no more of it than its name', async () => {
  await robot(root, 'prod-ci', 'prod/**');
  const share = (name: string, query = {}) => {
    const body = { subject: `robot:${name}`, repository: 'alice/app', role: 'reader' };
    return world.call(alice, 'POST /grants', { body, query });
  };
  for (const query of [{ dryRun: 'true' }, {}]) {
    const { status, body } = await share('prod-ci', query);
    expect([status < 300, JSON.stringify(body).includes('prod/')]).toEqual([true, false]);
    expect(await share('prod-xx', query)).toMatchObject({ status: 400 });
  }
  const read = (name: string) => make(alice, `GET /robots/${name}`);
  expect(await read('prod-ci')).toEqual(await read('prod-xx'));
  expect(await make(alice, 'GET /robots')).toEqual({ status: 200, body: { items: [] } });
});
