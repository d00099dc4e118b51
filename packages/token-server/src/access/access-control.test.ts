import {
  formatRepositoryPattern,
  parseTag,
  repositoryScope,
  type Account,
  type RepositoryAction,
} from '@berth/protocol';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createPasswordHasher } from '../credentials/password-hash.ts';
import { deleteToken } from '../credentials/personal-tokens.ts';
import { deleteSubject, findSubjectById } from '../subjects/subjects.ts';
import { removeMember } from '../subjects/teams.ts';
import { updateUser } from '../subjects/users.ts';
import { basic, openBench, password, type Bench } from '../testing/bench.ts';

let bench: Bench;
let alice: Account;

beforeEach(async () => {
  bench = await openBench();
  alice = await bench.addUser('alice');
  bench.repositories.set('team/app', 'private');
});

afterEach(() => bench.close());

const pullsApp = 'repository:team/app:pull,push';

async function may(authorization: string, action: RepositoryAction = 'pull', name = 'team/app') {
  return (await bench.access(authorization)).may(bench.facts(name), action);
}

const refused = { allowed: false };
const granted = { allowed: true };
const invalidToken = {
  code: 'UNAUTHORIZED',
  headers: { 'www-authenticate': expect.stringContaining('error="invalid_token"') },
};

async function update(account: Account, changes: Parameters<typeof updateUser>[2]): Promise<void> {
  await bench.change(async (trx) => {
    const row = await findSubjectById(trx, account.id);
    if (row !== undefined) await updateUser(trx, row, changes);
  });
}

describe('what was taken away stops at the next request', () => {
  test('a grant', async () => {
    const id = await bench.addGrant({
      kind: 'user',
      subject: alice.id,
      pattern: 'team/**',
      actions: ['pull'],
    });
    const bearer = `Bearer ${await bench.token(basic('alice'), pullsApp)}`;
    expect(await may(bearer)).toEqual(granted);
    await bench.removeGrant(id);
    expect(await may(bearer)).toMatchObject(refused);
  });

  test('one of two grants changes nothing', async () => {
    const id = await bench.addGrant({
      kind: 'user',
      subject: alice.id,
      pattern: 'team/**',
      actions: ['pull'],
    });
    await bench.addGrant({ kind: 'authenticated', pattern: 'team/app', actions: ['pull'] });
    const bearer = `Bearer ${await bench.token(basic('alice'), pullsApp)}`;
    await bench.removeGrant(id);
    expect(await may(bearer)).toEqual(granted);
  });

  test('a membership', async () => {
    const team = await bench.addTeam('core', alice);
    await bench.addGrant({ kind: 'team', subject: team, pattern: 'team/**', actions: ['pull'] });
    const bearer = `Bearer ${await bench.token(basic('alice'), pullsApp)}`;
    expect(await may(bearer)).toEqual(granted);
    await bench.change((trx) => removeMember(trx, team, alice.id));
    expect(await may(bearer)).toMatchObject(refused);
  });

  test('by a deny', async () => {
    await bench.addGrant({ kind: 'user', subject: alice.id, pattern: 'team/**', actions: ['pull'] });
    const bearer = `Bearer ${await bench.token(basic('alice'), pullsApp)}`;
    await bench.addGrant({ effect: 'deny', kind: 'authenticated', pattern: '**', actions: ['pull'] });
    expect(await may(bearer)).toMatchObject(refused);
  });

  test('by the expiry of the grant, without any change', async () => {
    const expiresAt = Date.now() + 60_000;
    await bench.addGrant({
      kind: 'user',
      subject: alice.id,
      pattern: 'team/**',
      actions: ['pull'],
      expiresAt,
    });
    const bearer = `Bearer ${await bench.token(basic('alice'), pullsApp)}`;
    expect(await may(bearer)).toEqual({ ...granted, until: expiresAt });
    vi.useFakeTimers({ toFake: ['Date'], now: expiresAt });
    try {
      expect(await may(bearer)).toMatchObject(refused);
    } finally {
      vi.useRealTimers();
    }
  });

  test('visibility, also of a repository that was deleted and made again', async () => {
    bench.repositories.set('open/app', 'public');
    const bearer = `Bearer ${await bench.token(undefined, 'repository:open/app:pull')}`;
    expect(await may(bearer, 'pull', 'open/app')).toEqual(granted);
    bench.repositories.set('open/app', 'private');
    expect(await may(bearer, 'pull', 'open/app')).toMatchObject(refused);
  });

  test('by disabling the user, until he is enabled', async () => {
    const bearer = `Bearer ${await bench.token(basic('alice'), 'repository:alice/x:pull')}`;
    await update(alice, { disabled: true });
    await expect(bench.access(bearer)).rejects.toMatchObject(invalidToken);
    await expect(bench.access(basic('alice'))).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
    await update(alice, { disabled: false });
    expect(await may(bearer, 'pull', 'alice/x')).toEqual(granted);
  });

  test('by a new password, refresh tokens too', async () => {
    const bearer = `Bearer ${await bench.token(basic('alice'), 'repository:alice/x:pull')}`;
    const form = new URLSearchParams({
      grant_type: 'password',
      username: 'alice',
      password,
      access_type: 'offline',
    });
    const login = await fetch(`${bench.origin}/auth/token`, { method: 'POST', body: form });
    const { refresh_token: refresh } = (await login.json()) as { refresh_token: string };
    const again = () =>
      fetch(`${bench.origin}/auth/token`, {
        method: 'POST',
        body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refresh }),
      });
    expect((await again()).status).toBe(200);
    await update(alice, { passwordHash: await createPasswordHasher().hash('another password') });
    await expect(bench.access(bearer)).rejects.toMatchObject(invalidToken);
    expect((await again()).status).toBe(401);
    await expect(bench.access(basic('alice'))).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
    await bench.access(basic('alice', 'another password'));
  });

  test('a personal access token', async () => {
    const { id, secret } = await bench.addToken(alice);
    const bearer = `Bearer ${await bench.token(basic('alice', secret), 'repository:alice/x:pull')}`;
    expect(await may(bearer, 'pull', 'alice/x')).toEqual(granted);
    await bench.change((trx) => deleteToken(trx, id));
    await expect(bench.access(bearer)).rejects.toMatchObject(invalidToken);
    await expect(bench.access(basic('alice', secret))).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  });

  test('by deleting the name and making it again', async () => {
    const { secret } = await bench.addToken(alice);
    const bearer = `Bearer ${await bench.token(basic('alice'), 'repository:alice/x:pull')}`;
    await bench.access(bearer);
    await bench.change((trx) => deleteSubject(trx, alice.id));
    await bench.addUser('alice');
    await expect(bench.access(bearer)).rejects.toMatchObject(invalidToken);
    await expect(bench.access(basic('alice', secret))).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  });
});

describe('a token', () => {
  test('gives no more than it names, whatever its owner may', async () => {
    const bearer = `Bearer ${await bench.token(basic('alice'), 'repository:alice/x:pull')}`;
    const access = await bench.access(bearer);
    const tag = parseTag('v1');
    expect(access.may(bench.facts('alice/x'), 'push')).toMatchObject(refused);
    expect(access.may(bench.facts('alice/x'), 'create')).toMatchObject(refused);
    expect(access.may(bench.facts('alice/y'), 'pull')).toMatchObject(refused);
    expect(access.tag(bench.facts('alice/x'), tag)).toMatchObject({
      put: refused,
      overwrite: refused,
      delete: refused,
    });
    expect(access.mayList()).toBe(false);
  });

  test('never gives admin', async () => {
    await bench.addUser('root', { admin: true });
    const bearer = `Bearer ${await bench.token(basic('root'), 'repository:team/app:*')}`;
    expect(await may(bearer, 'delete')).toEqual(granted);
    expect(await may(bearer, 'admin')).toMatchObject(refused);
  });

  test('without any access is good for the first request of docker login', async () => {
    const access = await bench.access(`Bearer ${await bench.token(basic('alice'))}`);
    expect(access.account).toEqual(alice);
  });

  test('of a narrowed credential is cut by it, in what is asked live too', async () => {
    const scopes = [{ repository: 'alice/**', actions: ['pull' as const, 'push' as const] }];
    const { secret } = await bench.addToken(alice, { scopes });
    const bearer = `Bearer ${await bench.token(basic('alice', secret), 'repository:alice/x:pull,push,delete')}`;
    const access = await bench.access(bearer);
    expect(access.may(bench.facts('alice/x'), 'push')).toEqual(granted);
    expect(access.may(bench.facts('alice/x'), 'create')).toEqual({
      allowed: false,
      reason:
        'alice may push to alice/x but not create it: the access token that was used is limited, and its limits do not give create on alice/x',
    });
  });
});

describe('rights to tags', () => {
  test('of an allow and a deny for some tags', async () => {
    const actions = ['push', 'overwrite', 'delete'] as const;
    await bench.addGrant({ kind: 'user', subject: alice.id, pattern: 'team/**', actions, tags: 'v*' });
    await bench.addGrant({
      effect: 'deny',
      kind: 'user',
      subject: alice.id,
      pattern: 'team/**',
      actions: ['overwrite'],
      tags: '*.0',
    });
    const access = await bench.access(
      `Bearer ${await bench.token(basic('alice'), 'repository:team/app:push,delete')}`,
    );
    const rights = (tag: string) => {
      const { put, overwrite, delete: remove } = access.tag(bench.facts('team/app'), parseTag(tag));
      return [put.allowed, overwrite.allowed, remove.allowed];
    };
    expect(access.may(bench.facts('team/app'), 'push')).toEqual(granted);
    expect(rights('v1')).toEqual([true, true, true]);
    expect(rights('v1.0')).toEqual([true, false, true]);
    expect(rights('latest')).toEqual([false, false, false]);
    expect(access.tag(bench.facts('team/app'), parseTag('latest')).put).toEqual({
      allowed: false,
      reason:
        'alice may push to team/app but not the tag latest: no grant gives push on team/app for the tag latest',
    });
  });

  test('to move a tag is to push it, too: a deny of push for it is enough', async () => {
    await bench.addGrant({
      kind: 'user',
      subject: alice.id,
      pattern: 'team/**',
      actions: ['push', 'overwrite'],
    });
    const some = { effect: 'deny' as const, kind: 'user' as const, subject: alice.id, pattern: 'team/**' };
    await bench.addGrant({ ...some, actions: ['push'], tags: 'latest' });
    const access = await bench.access(
      `Bearer ${await bench.token(basic('alice'), 'repository:team/app:push')}`,
    );
    const moves = (tag: string) => access.tag(bench.facts('team/app'), parseTag(tag)).overwrite.allowed;
    expect([moves('latest'), moves('v1')]).toEqual([false, true]);
  });

  test('a right to delete some tags, or the denial of some, is none to what no tag names', async () => {
    const some = { kind: 'user' as const, subject: alice.id, actions: ['delete' as const], tags: 'v*' };
    await bench.addGrant({ ...some, pattern: 'team/app' });
    await bench.addGrant({ ...some, effect: 'deny', pattern: 'alice/app' });
    const untagged = async (name: string, scope = `repository:${name}:delete`) => {
      const access = await bench.access(`Bearer ${await bench.token(basic('alice'), scope)}`);
      return access.deleteUntagged(bench.facts(name));
    };
    expect(await may(basic('alice'), 'delete')).toEqual(granted);
    expect(await untagged('team/app')).toEqual({
      allowed: false,
      reason:
        'alice may not delete from team/app what no tag names: no grant gives delete on team/app for more than some tags',
    });
    expect(await untagged('alice/app')).toEqual(granted);
    expect(await untagged('alice/app', 'repository:alice/app:pull')).toMatchObject(refused);
  });

  test('the reason names what is missing to create', async () => {
    await bench.addGrant({ kind: 'user', subject: alice.id, pattern: 'team/**', actions: ['pull', 'push'] });
    expect(await may(basic('alice'), 'create', 'team/new')).toEqual({
      allowed: false,
      reason: 'alice may push to team/new but not create it: no grant gives create on team/new',
    });
  });
});

describe('challenges', () => {
  const needed = [repositoryScope('team/app', 'pull')];

  test.each([
    ['nothing', undefined, ''],
    ['podman without an account', 'Basic Og==', ''],
    ['a wrong password', basic('alice', 'wrong password'), ''],
    ['what is no scheme', 'nonsense', ''],
    ['a bad token', 'Bearer x', ',error="invalid_token"'],
  ])('%s', async (_what, authorization, error) => {
    const value = `Bearer realm="${bench.origin}/auth/token",service="berth",scope="repository:team/app:pull"${error}`;
    const answer = { status: 401, code: 'UNAUTHORIZED', headers: { 'www-authenticate': value } };
    await expect(bench.access(authorization, needed)).rejects.toMatchObject(answer);
  });

  test('a token that gives too little, the same for hidden and missing', async () => {
    const access = await bench.access(`Bearer ${await bench.token(basic('alice'))}`);
    const hidden = access.challenge([repositoryScope('team/app', 'pull')]);
    const missing = access.challenge([repositoryScope('team/not', 'pull')]);
    expect(hidden.headers['www-authenticate']).toContain('error="insufficient_scope"');
    expect(JSON.stringify([hidden, hidden.headers]).replaceAll('team/app', 'team/not')).toBe(
      JSON.stringify([missing, missing.headers]),
    );
  });
});

test('a token gives what its scopes name, and nothing that its account may do besides', async () => {
  bench.repositories.set('alice/app', 'private');
  const facts = bench.facts('alice/app');
  const asked = async (actions: string) => {
    const access = await bench.access(
      `Bearer ${await bench.token(basic('alice'), `repository:alice/app:${actions}`)}`,
    );
    const { put, overwrite, delete: remove } = access.tag(facts, parseTag('v1'));
    const verdicts = { put, overwrite, remove, untagged: access.deleteUntagged(facts) };
    return Object.entries(verdicts).flatMap(([name, { allowed }]) => (allowed ? [name] : []));
  };
  expect(await asked('pull')).toEqual([]);
  expect(await asked('push')).toEqual(['put', 'overwrite']);
  expect(await asked('delete')).toEqual(['remove', 'untagged']);
});

describe('lists', () => {
  const texts = (patterns: readonly Parameters<typeof formatRepositoryPattern>[0][]) =>
    patterns.map(formatRepositoryPattern).sort();

  test('of what one may pull, as patterns', async () => {
    await bench.addGrant({ kind: 'user', subject: alice.id, pattern: 'team/*', actions: ['pull'] });
    await bench.addGrant({ kind: 'user', subject: alice.id, pattern: 'other/**', actions: ['push'] });
    await bench.addGrant({ effect: 'deny', kind: 'authenticated', pattern: 'team/x', actions: ['pull'] });
    const access = await bench.access(`Bearer ${await bench.token(basic('alice'), 'registry:catalog:*')}`);
    expect(access.mayList()).toBe(true);
    const { allow, deny, visibilities } = access.readable();
    expect([texts(allow), texts(deny), visibilities]).toEqual([
      ['alice/**', 'team/*'],
      ['team/x'],
      ['public', 'internal'],
    ]);
  });
});

test('what is remembered is no older than the policy, and the grants of others cost nothing', async () => {
  const id = await bench.addGrant({ kind: 'user', subject: alice.id, pattern: 'team/**', actions: ['pull'] });
  const bearer = `Bearer ${await bench.token(basic('alice'), pullsApp)}`;
  for (let at = 0; at < 3; at += 1) expect(await may(bearer)).toEqual(granted);
  await bench.removeGrant(id);
  await bench.addGrant({ kind: 'anonymous', pattern: 'team/**', actions: ['pull'] });
  expect(await may(bearer)).toEqual(granted);
});
