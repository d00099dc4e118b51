import { moveVersion } from '@berth/database';
import type { Actor } from '@berth/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openWorld, type World } from '../testing/world.ts';

let world: World;
let alice: Actor;
let bob: Actor;
let root: Actor;

beforeEach(async () => {
  world = await openWorld();
  alice = await world.newcomer('alice');
  bob = await world.newcomer('bob');
  root = await world.newcomer('root', { admin: true });
});

afterEach(() => world.close());

const grant = (actor: Actor, body: object, query = {}) =>
  world.call(actor, 'POST /grants', { body: { subject: 'user:bob', ...body }, query });

test('alice shares what is hers', async () => {
  const made = await grant(alice, { repository: 'alice/tool', role: 'writer' });
  expect(made).toMatchObject({ status: 201, body: { createdBy: 'alice', byAdmin: false, role: 'writer' } });
  expect(await grant(alice, { repository: 'alice/**', effect: 'deny', actions: ['delete'] })).toMatchObject({
    status: 201,
  });
  const seen = await world.call(alice, 'GET /grants', { query: { repository: 'alice/tool' } });
  expect(seen.body.items.length).toBe(2);
  expect(await world.call(alice, `DELETE /grants/${made.body.id}`)).toMatchObject({ status: 204 });
});

test.each(['team/other', 'alice', 'team/**', '**', 'alicex/tool'])(
  'alice cannot share %s',
  async (repository) => {
    for (const effect of ['allow', 'deny']) {
      expect(await grant(alice, { repository, effect, role: 'reader' })).toMatchObject({
        status: 403,
        body: { code: 'DENIED', message: `you do not have admin on all of ${repository}` },
      });
    }
  },
);

test('she cannot give more than she has: actions', async () => {
  await grant(root, { subject: 'user:alice', repository: 'team/**', actions: ['admin', 'pull'] });
  expect(await grant(alice, { repository: 'team/app', role: 'reader' })).toMatchObject({ status: 201 });
  expect(await grant(alice, { repository: 'team/app', role: 'writer' })).toMatchObject({
    status: 403,
    body: { message: 'you cannot give more than you have: push on all of team/app' },
  });
});

test('she cannot give more than she has: tags', async () => {
  await grant(root, { subject: 'user:alice', repository: 'team/**', actions: ['admin', 'pull'] });
  await grant(root, { subject: 'user:alice', repository: 'team/**', actions: ['push'], tags: 'dev-*' });
  const push = { repository: 'team/app', actions: ['push'] };
  expect(await grant(alice, push)).toMatchObject({ status: 403 });
  expect(await grant(alice, { ...push, tags: 'v*' })).toMatchObject({ status: 403 });
  expect(await grant(alice, { ...push, tags: 'dev-*' })).toMatchObject({ status: 201 });
});

test('she cannot give more than she has: time', async () => {
  const at = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
  await grant(root, { subject: 'user:alice', repository: 'team/**', role: 'owner', expiresAt: at(2) });
  const read = { repository: 'team/app', role: 'reader' };
  expect(await grant(alice, read)).toMatchObject({ status: 403 });
  expect(await grant(alice, { ...read, expiresAt: at(3) })).toMatchObject({ status: 403 });
  expect(await grant(alice, { ...read, expiresAt: at(1) })).toMatchObject({ status: 201 });
  const deny = { ...read, effect: 'deny' };
  expect(await grant(alice, deny)).toMatchObject({ status: 403 });
  expect(await grant(alice, { ...deny, expiresAt: at(3) })).toMatchObject({ status: 403 });
  expect(await grant(alice, { ...deny, expiresAt: at(1) })).toMatchObject({ status: 201 });
});

test('a deny that touches a part takes the right to share the whole', async () => {
  await grant(root, {
    subject: 'user:alice',
    repository: 'alice/secret',
    effect: 'deny',
    actions: ['admin'],
  });
  expect(await grant(alice, { repository: 'alice/**', role: 'reader' })).toMatchObject({ status: 403 });
  expect(await grant(alice, { repository: 'alice/secret', role: 'reader' })).toMatchObject({ status: 403 });
  expect(await grant(alice, { repository: 'alice/tool', role: 'reader' })).toMatchObject({ status: 201 });
});

test('whom she shares a part with cannot lock her out', async () => {
  await grant(alice, { repository: 'alice/tool', role: 'owner' });
  const lock = { subject: 'user:alice', repository: 'alice/tool', effect: 'deny' };
  for (const rights of [{ role: 'owner' }, { actions: ['admin'] }]) {
    expect(await grant(bob, { ...lock, ...rights })).toMatchObject({
      status: 403,
      body: { message: expect.stringContaining('only an administrator may deny admin') },
    });
  }
  const { status, body } = await grant(bob, { ...lock, role: 'maintainer' });
  expect(status).toBe(201);
  expect(await world.call(alice, `DELETE /grants/${body.id}`)).toMatchObject({ status: 204 });
});

test('she cannot make so many grants that everybody feels them', async () => {
  const { body } = await grant(alice, { subject: 'anonymous', repository: 'alice/0', role: 'reader' });
  await world.database.transaction(async (trx) => {
    const row = await trx
      .selectFrom('access_grant')
      .selectAll()
      .where('id', '=', body.id)
      .executeTakeFirstOrThrow();
    const rows = Array.from({ length: 999 }, (_, index) => ({
      ...row,
      id: `n${index}`,
      pattern: `alice/${index}/**`,
    }));
    await trx.insertInto('access_grant').values(rows).execute();
    await moveVersion(trx, 'policy');
  });
  const next = { repository: 'alice/next', role: 'reader' };
  expect(await grant(alice, { subject: 'anonymous', ...next })).toMatchObject({ status: 403 });
  expect(await grant(alice, next)).toMatchObject({ status: 201 });
  expect(await grant(root, { subject: 'anonymous', ...next })).toMatchObject({ status: 201 });
});

test('who manages more patterns than one query can hold sees the grants on them', async () => {
  const { body } = await grant(root, { subject: 'user:alice', repository: 'team/0', role: 'owner' });
  await world.database.transaction(async (trx) => {
    const row = await trx
      .selectFrom('access_grant')
      .selectAll()
      .where('id', '=', body.id)
      .executeTakeFirstOrThrow();
    const rows = Array.from({ length: 1100 }, (_, index) => ({
      ...row,
      id: `n${index}`,
      pattern: `team/${index}/**`,
    }));
    await trx.insertInto('access_grant').values(rows).execute();
    await moveVersion(trx, 'policy');
  });
  await grant(root, { repository: 'team/7/app', role: 'reader' });
  await grant(root, { repository: 'other/app', role: 'reader' });
  const seen = await world.call(alice, 'GET /grants', { query: { n: '1000', subject: 'user:bob' } });
  expect(seen.body.items).toMatchObject([{ repository: 'team/7/app' }]);
});

test('she cannot remove what an administrator made', async () => {
  const { body } = await grant(root, { repository: 'alice/tool', role: 'reader' });
  expect(await world.call(alice, `DELETE /grants/${body.id}`)).toMatchObject({
    status: 403,
    body: { message: 'an administrator made this grant, and only an administrator can remove it' },
  });
  expect(await world.call(root, `DELETE /grants/${body.id}`)).toMatchObject({ status: 204 });
});

test('a grant of others is hidden: as a missing one, to read and to remove, and recorded', async () => {
  const { body } = await grant(root, { subject: 'user:alice', repository: 'team/app', role: 'reader' });
  for (const method of ['GET', 'DELETE']) {
    const hidden = await world.call(bob, `${method} /grants/${body.id}`);
    expect(hidden).toEqual(await world.call(bob, `${method} /grants/aaaaaaaa`));
    expect(hidden.status).toBe(404);
  }
  await world.audit.flush();
  const { body: log } = await world.call(root, 'GET /audit', { query: { subject: 'bob' } });
  expect(log.items).toMatchObject([
    { action: 'grant.delete', outcome: 'denied', target: body.id },
    { action: 'grant.read', outcome: 'denied', target: body.id, reason: 'bob has no admin on team/app' },
  ]);
});

test('who a grant is for sees it, and cannot remove it', async () => {
  const { body } = await grant(alice, { repository: 'alice/tool', role: 'reader' });
  expect(await world.call(bob, `GET /grants/${body.id}`)).toMatchObject({ status: 200 });
  expect(await world.call(bob, `DELETE /grants/${body.id}`)).toMatchObject({ status: 403 });
});

test('a token with limits shares nothing, a full one what its owner may', async () => {
  const scopes = [{ repository: 'alice/**', actions: ['pull', 'push', 'admin'] }];
  const narrow = await world.call(alice, 'POST /tokens', { body: { name: 'narrow', scopes } });
  const full = await world.call(alice, 'POST /tokens', { body: { name: 'full' } });
  const wanted = { repository: 'alice/tool', role: 'reader' };
  expect(await grant(await world.as(narrow.body.secret), wanted)).toMatchObject({ status: 403 });
  expect(await grant(await world.as(full.body.secret), wanted)).toMatchObject({ status: 201 });
});

test('a dry run says what would change, and changes nothing', async () => {
  const before = await world.version();
  const reader = { repository: 'alice/tool', role: 'reader' };
  const pull = { subject: 'user:bob', repository: 'alice/tool', actions: ['pull'] };
  const dry = { dryRun: 'true' };
  expect(await grant(alice, reader, dry)).toEqual({ status: 200, body: { added: [pull], removed: [] } });
  expect(await grant(alice, { ...reader, effect: 'deny' }, dry)).toMatchObject({
    body: { added: [], removed: [pull] },
  });
  expect(await grant(bob, reader, dry)).toMatchObject({ status: 403 });
  expect(await world.version()).toBe(before);

  const { body } = await grant(alice, { repository: 'alice/**', role: 'reader' });
  expect(await grant(alice, reader, dry)).toEqual({ status: 200, body: { added: [], removed: [] } });
  expect(await world.call(alice, `DELETE /grants/${body.id}`, { query: dry })).toEqual({
    status: 200,
    body: { added: [], removed: [{ ...pull, repository: 'alice/**' }] },
  });
  expect((await world.call(alice, 'GET /grants')).body.items.length).toBe(1);
});

test('to delete a grant that has ended changes nothing', async () => {
  const { body } = await grant(alice, { repository: 'alice/tool', role: 'reader' });
  const end = (expires_at: number) =>
    world.database.transaction((trx) => trx.updateTable('access_grant').set({ expires_at }).execute());
  await end(Date.now() + 60_000);
  const deleted = () => world.call(alice, `DELETE /grants/${body.id}`, { query: { dryRun: 'true' } });
  expect((await deleted()).body.removed).toHaveLength(1);
  await end(Date.now() - 1);
  expect(await deleted()).toEqual({ status: 200, body: { added: [], removed: [] } });
});

test('nor does one that has ended give what another would', async () => {
  const expiresAt = new Date(Date.now() + 60_000).toISOString();
  await grant(alice, { repository: 'alice/**', role: 'reader', expiresAt: '2999-12-31T00:00:00.000Z' });
  const reader = { repository: 'alice/tool', role: 'reader', expiresAt };
  expect((await grant(alice, reader, { dryRun: 'true' })).body.added).toEqual([]);
  await world.database.transaction((trx) =>
    trx
      .updateTable('access_grant')
      .set({ expires_at: Date.now() - 1 })
      .execute(),
  );
  expect((await grant(alice, reader, { dryRun: 'true' })).body.added).toHaveLength(1);
});

const twice = { repository: 'alice/tool', role: 'reader', tags: 'v*', comment: 'first' };

test.each([
  ['the same', {}],
  ['with another comment', { comment: 'second' }],
  ['with the actions of the role', { role: undefined, actions: ['pull', 'pull'] }],
])('a grant made twice is one: %s', async (_, again) => {
  const { body: first } = await grant(alice, twice);
  const before = await world.version();
  expect(await grant(alice, { ...twice, ...again }, { dryRun: 'true' })).toEqual({
    status: 200,
    body: { added: [], removed: [] },
  });
  expect(await grant(alice, { ...twice, ...again })).toEqual({ status: 200, body: first });
  expect(await world.version()).toBe(before);
  expect(await world.call(alice, `DELETE /grants/${first.id}`)).toMatchObject({ status: 204 });
  expect((await world.call(alice, 'GET /grants')).body.items).toEqual([]);
});

test.each([
  { effect: 'deny' },
  { subject: 'user:root' },
  { subject: 'authenticated' },
  { repository: 'alice/tool/**' },
  { role: 'writer' },
  { tags: undefined },
  { tags: 'v1' },
  { expiresAt: '2999-12-31T00:00:00.000Z' },
])('with %j it is another one', async (again) => {
  await grant(alice, twice);
  expect(await grant(alice, { ...twice, ...again })).toMatchObject({ status: 201 });
});

test('the same time in another zone is the same', async () => {
  const ends = { ...twice, expiresAt: '2999-12-31T12:00:00Z' };
  const { body } = await grant(alice, ends);
  const again = await grant(alice, { ...ends, expiresAt: '2999-12-31T14:00:00+02:00' });
  expect(again).toEqual({ status: 200, body });
});

test('what an administrator grants too, only an administrator takes back', async () => {
  const { body } = await grant(alice, { ...twice, effect: 'deny' });
  const adopted = await grant(root, { ...twice, effect: 'deny' });
  expect(adopted).toEqual({ status: 200, body: { ...body, byAdmin: true } });
  for (const again of [alice, root])
    expect(await grant(again, { ...twice, effect: 'deny' })).toEqual(adopted);
  const changes = world.database.reader.selectFrom('audit').select('id').where('action', '=', 'grant.update');
  expect(await changes.execute()).toHaveLength(1);
  expect(await world.call(alice, `DELETE /grants/${body.id}`)).toMatchObject({ status: 403 });
});

test('who may not make it does not learn that it is there', async () => {
  await grant(root, { repository: 'team/app', role: 'reader' });
  expect(await grant(alice, { repository: 'team/app', role: 'reader' })).toMatchObject({ status: 403 });
});

/** So many more grants to `authenticated` as one that is there, in one transaction. */
async function copyGrant(id: string, count: number, change: (index: number) => object): Promise<void> {
  await world.database.transaction(async (trx) => {
    const row = await trx
      .selectFrom('access_grant')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    for (let from = 0; from < count; from += 1000) {
      const rows = Array.from({ length: 1000 }, (_, at) => ({
        ...row,
        id: `n${from + at}`,
        subject_kind: 'authenticated' as const,
        subject_id: null,
        ...change(from + at),
      }));
      await trx.insertInto('access_grant').values(rows).execute();
    }
  });
}

test('one who is no administrator makes ten thousand grants at all', async () => {
  const { body } = await grant(alice, { subject: 'user:root', repository: 'alice/0', role: 'reader' });
  await copyGrant(body.id, 10_000, (index) => ({ pattern: `alice/${index}` }));
  expect(await grant(alice, { repository: 'alice/next', role: 'reader' })).toMatchObject({
    status: 403,
    body: { message: expect.stringMatching(/^you have made 10000 grants: /) },
  });
  expect(await grant(alice, { subject: 'user:root', repository: 'alice/0', role: 'reader' })).toMatchObject({
    status: 200,
  });
  expect(await grant(root, { repository: 'alice/next', role: 'reader' })).toMatchObject({ status: 201 });
});

test('nobody makes more than a thousand grants to everybody, not through robots either', async () => {
  const { body } = await grant(alice, { repository: 'alice/0', role: 'reader' });
  await copyGrant(body.id, 1000, (index) => ({
    pattern: `alice/${index}`,
    created_by: `alice-${index % 200}`,
  }));
  const toAll = { subject: 'authenticated', role: 'reader' };
  expect(await grant(alice, { ...toAll, repository: 'alice/next' })).toMatchObject({
    status: 403,
    body: { message: expect.stringMatching(/^alice has 1000 grants to this subject: /) },
  });
  expect(await grant(bob, { ...toAll, repository: 'bob/app' })).toMatchObject({ status: 201 });
  expect(await grant(alice, { repository: 'alice/next', role: 'reader' })).toMatchObject({ status: 201 });
  expect(await grant(root, { ...toAll, repository: 'alice/next' })).toMatchObject({ status: 201 });
});
