import type { Action, Actor } from '@berth/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openWorld, type World } from '../testing/world.ts';

let world: World;
let carl: Actor;

beforeEach(async () => {
  world = await openWorld();
  carl = await world.newcomer('carl');
  await make('POST /robots', { name: 'team-ci', pattern: 'team/**' });
  await grant('robot:team-ci', 'team/**', ['pull', 'push']);
});

afterEach(() => world.close());

const make = (request: string, body: unknown) => world.call(world.local, request, { body });

const grant = (subject: string, repository: string, actions: Action[], more: object = {}) =>
  make('POST /grants', { subject, repository, actions, ...more });

const token = (more: object = {}) =>
  world.call(carl, 'POST /tokens', { body: { name: 'x', robot: 'team-ci', ...more } });

const hours = (count: number) => new Date(Date.now() + count * 3_600_000).toISOString();

const scope = (repository: string, ...actions: Action[]) => ({ scopes: [{ repository, actions }] });

test('who manages a robot and has what it has makes a token of it', async () => {
  await grant('user:carl', 'team/**', ['admin', 'pull', 'push']);
  expect((await token()).status).toBe(201);
});

test('who only manages it makes none that gives more than he has', async () => {
  await grant('user:carl', 'team/**', ['admin', 'pull']);
  expect(await token()).toMatchObject({
    status: 403,
    body: { message: expect.stringContaining('team-ci has push on team/**') },
  });
  expect((await token(scope('team/**', 'pull', 'push'))).status).toBe(403);
  expect((await token(scope('**', 'pull'))).status).toBe(201);
  expect((await token(scope('team/app', 'pull', 'delete'))).status).toBe(201);
});

test('nor one for repositories that only the robot has', async () => {
  await grant('user:carl', 'team/**', ['admin', 'pull', 'push']);
  await grant('robot:team-ci', 'prod/**', ['pull']);
  expect((await token()).status).toBe(403);
  expect((await token(scope('prod/app', 'pull'))).status).toBe(403);
  expect((await token(scope('team/**', 'pull', 'push'))).status).toBe(201);
});

test('nor one that outlives what he has', async () => {
  await grant('user:carl', 'team/**', ['admin', 'pull', 'push'], { expiresAt: hours(2) });
  expect(await token()).toMatchObject({ status: 403, body: { message: expect.stringContaining('ends') } });
  expect((await token({ expiresAt: hours(3) })).status).toBe(403);
  expect((await token({ expiresAt: hours(1) })).status).toBe(201);
});

test('what the robot is denied, or had, is nothing to have', async () => {
  await grant('user:carl', 'team/**', ['admin', 'pull', 'push']);
  await grant('robot:team-ci', 'prod/**', ['pull'], { effect: 'deny' });
  expect((await token()).status).toBe(201);
});
