import type { Account, Actor, AdminRoute } from '@berth/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Explanation } from '../policy/explain.ts';
import { basic, openBench, type Bench } from '../testing/bench.ts';
import { findSubjectById } from '../subjects/subjects.ts';
import { updateUser } from '../subjects/users.ts';

let bench: Bench;
let alice: Account;
let grants: Record<'core' | 'expired' | 'reader' | 'deny' | 'beside' | 'owner' | 'tags', string>;
let narrowed: { id: string; secret: string };

beforeAll(async () => {
  bench = await openBench();
  alice = await bench.addUser('alice');
  const bob = await bench.addUser('bob');
  const carol = await bench.addUser('carol');
  const dan = await bench.addUser('dan');
  await bench.addUser('root', { admin: true });
  const core = await bench.addTeam('core', alice);
  const everything = ['pull', 'push', 'create', 'overwrite', 'delete', 'admin'] as const;
  grants = {
    core: await bench.addGrant({
      kind: 'team',
      subject: core,
      pattern: 'team/**',
      actions: ['pull', 'push', 'create', 'overwrite'],
    }),
    expired: await bench.addGrant({
      kind: 'user',
      subject: bob.id,
      pattern: 'team/app',
      actions: ['push'],
      expiresAt: 1000,
    }),
    reader: await bench.addGrant({ kind: 'user', subject: bob.id, pattern: 'team/app', actions: ['pull'] }),
    beside: await bench.addGrant({
      kind: 'user',
      subject: bob.id,
      pattern: 'team/app/**',
      actions: ['push'],
    }),
    deny: await bench.addGrant({
      effect: 'deny',
      kind: 'user',
      subject: alice.id,
      pattern: 'team/secret',
      actions: ['push'],
    }),
    tags: await bench.addGrant({
      kind: 'user',
      subject: dan.id,
      pattern: 'team/app',
      actions: ['pull', 'push'],
      tags: 'dev-*',
    }),
    owner: await bench.addGrant({ kind: 'user', subject: carol.id, pattern: 'team/**', actions: everything }),
  };
  bench.repositories.set('team/app', 'private').set('team/secret', 'private').set('house/app', 'internal');
  narrowed = await bench.addToken(alice, { scopes: [{ repository: 'team/**', actions: ['pull'] }] });
  const { id } = await bench.addUser('gone');
  await bench.change(async (trx) => {
    const row = await findSubjectById(trx, id);
    await updateUser(trx, row!, { disabled: true });
  });
});

afterAll(() => bench.close());

async function actorOf(user: string, secret?: string): Promise<Actor> {
  const authorization = basic(user, secret);
  return bench.server.identify({ authorization, address: '127.0.0.1', origin: bench.origin });
}

/** Through the schemas of its row, as the application calls it. */
async function ask(actor: Actor, body: object): Promise<Explanation> {
  const route = bench.server.adminRoutes.find(({ path }) => path === '/explain') as AdminRoute;
  const reply = await route.handle({ actor, params: {}, query: undefined, body: route.body?.parse(body) });
  route.response?.parse(reply.body);
  return JSON.parse(JSON.stringify(reply.body)) as Explanation;
}

const root = () => actorOf('root');

describe('the way of a decision', () => {
  const ways: [string, object, object][] = [
    [
      'through a team',
      { subject: 'user:alice', repository: 'team/app' },
      {
        allowed: true,
        path: () => `alice → team:core → grant ${grants.core} pull,push,create,overwrite team/**`,
      },
    ],
    [
      'by a grant of his own',
      { subject: 'user:bob', repository: 'team/app', actions: ['pull'] },
      { allowed: true, path: () => `bob → grant ${grants.reader} pull team/app` },
    ],
    [
      'by ownership',
      { subject: 'user:bob', repository: 'bob/x' },
      { allowed: true, path: () => 'bob → ownership of bob/**' },
    ],
    [
      'by visibility',
      { subject: 'user:bob', repository: 'house/app', actions: ['pull'] },
      { allowed: true, path: () => 'bob → visibility internal' },
    ],
    [
      'as an administrator',
      { subject: 'user:root', repository: 'team/app' },
      { allowed: true, path: () => 'root → administration of **' },
    ],
    [
      'to a deny',
      { subject: 'user:alice', repository: 'team/secret' },
      { allowed: false, path: () => `alice → grant ${grants.deny} deny push team/secret` },
    ],
    [
      'to nothing',
      { subject: 'anonymous', repository: 'house/app', actions: ['pull'] },
      { allowed: false, path: () => 'anonymous' },
    ],
    [
      'of a disabled account',
      { subject: 'user:gone', repository: 'team/app' },
      { allowed: false, path: () => 'gone → disabled' },
    ],
  ];
  test.each(ways)('%s', async (_what, body, expected) => {
    const asked = { actions: ['push'], ...body };
    const { actions } = await ask(await root(), asked);
    const [answer] = Object.values(actions);
    const { allowed, path } = expected as { allowed: boolean; path: () => string };
    expect([answer?.allowed, answer?.path]).toEqual([allowed, path()]);
  });

  const toTags: [string, object, boolean, number, string][] = [
    ['to some tags', {}, true, 200, 'dan may push to team/app: grant ID gives push for the tags dev-*'],
    [
      'to one of them',
      { tag: 'dev-1' },
      true,
      200,
      'dan may push the tag dev-1 to team/app: grant ID gives push',
    ],
    [
      'to another tag',
      { tag: 'v1' },
      false,
      403,
      'dan may push to team/app but not the tag v1: no grant gives push on team/app for the tag v1',
    ],
  ];
  test.each(toTags)('%s', async (_what, body, allowed, status, reason) => {
    const asked = { subject: 'user:dan', repository: 'team/app', actions: ['push'], ...body };
    const { actions, registryAnswer, nearMisses } = await ask(await root(), asked);
    expect(actions.push).toMatchObject({ allowed, reason: reason.replace('ID', grants.tags) });
    expect(registryAnswer.status).toBe(status);
    expect(nearMisses.map(({ kind }) => kind)).toEqual(expect.arrayContaining(allowed ? [] : ['tags']));
  });

  test('to a tag that may be immutable, or is none', async () => {
    const moves = {
      subject: 'user:alice',
      repository: 'team/app',
      tag: 'v1',
      actions: ['push', 'overwrite'],
    };
    const { registryAnswer } = await ask(await root(), moves);
    expect(registryAnswer).toEqual({
      status: 200,
      message: 'it does what is asked, unless the tag is immutable',
    });
    await expect(ask(await root(), { ...moves, tag: '-v1' })).rejects.toMatchObject({ code: 'TAG_INVALID' });
  });

  test('through the limits of an access token', async () => {
    const { actions, nearMisses } = await ask(await root(), {
      token: narrowed.id,
      repository: 'team/app',
      actions: ['push'],
    });
    expect(actions.push?.path).toBe(
      `alice → team:core → grant ${grants.core} pull,push,create,overwrite team/** → limits of the access token`,
    );
    expect(nearMisses).toMatchObject([{ action: 'push', kind: 'credential' }]);
  });
});

describe('near misses', () => {
  test('expired, without the action, for others, and beside', async () => {
    const { nearMisses, suggestion } = await ask(await root(), {
      subject: 'user:bob',
      repository: 'team/app',
      actions: ['push'],
    });
    const kinds = Object.fromEntries(nearMisses.map(({ kind, grant }) => [kind, grant]));
    expect(kinds).toEqual({
      expired: grants.expired,
      action: grants.reader,
      subject: grants.core,
      pattern: grants.beside,
    });
    expect(nearMisses.find(({ kind }) => kind === 'subject')?.sentence).toContain(
      'bob is not a member of team core',
    );
    expect(nearMisses.find(({ kind }) => kind === 'expired')?.sentence).toContain('1970-01-01T00:00:01.000Z');
    expect(suggestion).toBe('berth grant add user:bob publisher team/app');
  });

  test('a deny that beats an allow, which no grant would help', async () => {
    const { nearMisses, suggestion } = await ask(await root(), {
      subject: 'user:alice',
      repository: 'team/secret',
      actions: ['push'],
    });
    expect(nearMisses).toMatchObject([{ kind: 'deny', grant: grants.deny }]);
    expect(suggestion).toBeUndefined();
  });

  test('the smallest grant for what is asked', async () => {
    const suggested = async (actions: string[], repository = 'other/app') =>
      (await ask(await root(), { subject: 'user:bob', repository, actions })).suggestion;
    expect(await suggested(['pull'])).toBe('berth grant add user:bob reader other/app');
    expect(await suggested(['pull', 'push'])).toBe('berth grant add user:bob publisher other/app');
    expect(await suggested(['overwrite'])).toBe('berth grant add user:bob writer other/app');
    expect(await suggested(['delete'])).toBe('berth grant add user:bob maintainer other/app');
    expect(await suggested(['admin'])).toBe('berth grant add user:bob owner other/app');
    expect(await suggested(['pull'], 'house/app')).toBeUndefined();
  });

  test('tell a person nothing of grants that are not his', async () => {
    const { nearMisses } = await ask(await actorOf('bob'), { repository: 'team/app', actions: ['push'] });
    expect(nearMisses.map(({ kind }) => kind).sort()).toEqual(['action', 'expired', 'pattern']);
  });

  test('tell who manages one repository nothing of what others have beside it', async () => {
    const { nearMisses } = await ask(await actorOf('carol'), {
      subject: 'user:bob',
      repository: 'team/app',
      actions: ['push'],
    });
    expect(nearMisses.map(({ kind }) => kind).sort()).toEqual(['action', 'expired', 'subject']);
  });
});

test('what is hidden looks like what is missing, also to who may push beside it', async () => {
  const erin = await bench.addUser('erin');
  const writer = ['pull', 'push', 'create', 'overwrite'] as const;
  await bench.addGrant({ kind: 'user', subject: erin.id, pattern: 'team/side', actions: writer });
  const told = async (repository: string) => {
    const explanation = await ask(await actorOf('erin'), { repository, actions: ['pull', 'push'] });
    return JSON.stringify(explanation).replaceAll(repository, 'team/x');
  };
  expect(await told('team/secret')).toBe(await told('team/missing'));
  expect(await told('house/app')).not.toBe(await told('house/missing'));
});

describe('what the registry would answer', () => {
  test.each([
    ['bob', 'team/app', ['pull'], 200, undefined],
    ['bob', 'team/app', ['pull', 'push'], 401, 'UNAUTHORIZED'],
    ['bob', 'team/none', ['pull'], 401, 'UNAUTHORIZED'],
    ['alice', 'team/none', ['pull'], 404, 'NAME_UNKNOWN'],
    ['alice', 'team/none', ['push'], 200, undefined],
    ['alice', 'team/app', ['admin'], 404, 'NOT_FOUND'],
  ])('%s %s %j', async (user, repository, actions, status, code) => {
    const { registryAnswer } = await ask(await root(), { subject: `user:${user}`, repository, actions });
    expect([registryAnswer.status, registryAnswer.code]).toEqual([status, code]);
  });

  test('403 where only create is missing', async () => {
    const dave = await bench.addUser('dave');
    await bench.addGrant({ kind: 'user', subject: dave.id, pattern: 'new/**', actions: ['pull', 'push'] });
    const { registryAnswer, nearMisses, suggestion } = await ask(await actorOf('dave'), {
      repository: 'new/app',
      actions: ['push'],
    });
    expect(registryAnswer).toMatchObject({
      status: 403,
      code: 'DENIED',
      message: 'dave may push to new/app but not create it: no grant gives create on new/app',
    });
    expect(nearMisses).toMatchObject([{ action: 'create', kind: 'action' }]);
    expect(suggestion).toBe('berth grant add user:dave publisher new/app');
  });
});

describe('who may ask', () => {
  const body = { subject: 'user:alice', repository: 'team/app', actions: ['pull'] };
  const hidden = {
    code: 'NOT_FOUND',
    message: expect.stringMatching(/^there is no repository (team|other)\/app$/),
  };

  test('anyone about himself', async () => {
    expect((await ask(await actorOf('alice'), body)).actions.pull?.allowed).toBe(true);
    expect((await ask(await actorOf('alice'), { ...body, subject: undefined })).actions.pull?.allowed).toBe(
      true,
    );
    expect(
      (await ask(await actorOf('alice'), { ...body, subject: undefined, token: narrowed.id })).actions.pull
        ?.allowed,
    ).toBe(true);
  });

  test('about others, who manages the repository', async () => {
    expect((await ask(await actorOf('carol'), body)).actions.pull?.allowed).toBe(true);
    await expect(ask(await actorOf('carol'), { ...body, repository: 'other/app' })).rejects.toMatchObject(
      hidden,
    );
  });

  test.each([
    ['about another', body],
    ['about one that does not exist', { ...body, subject: 'user:nobody' }],
    ['about anonymous', { ...body, subject: 'anonymous' }],
    ['about the token of another', { repository: 'team/app', actions: ['pull'], token: 'x' }],
  ])('not others: %s', async (_what, asked) => {
    await expect(ask(await actorOf('bob'), asked)).rejects.toMatchObject(hidden);
  });

  test('not the token of another by its id, also without a name', async () => {
    const asked = { repository: 'team/app', actions: ['pull'], token: narrowed.id };
    await expect(ask(await actorOf('bob'), asked)).rejects.toMatchObject(hidden);
  });

  test('a narrowed token about itself only', async () => {
    const actor = await actorOf('alice', narrowed.secret);
    const { actions } = await ask(actor, { repository: 'team/app', actions: ['pull', 'push'] });
    expect([actions.pull?.allowed, actions.push?.allowed]).toEqual([true, false]);
    await expect(ask(actor, body)).rejects.toMatchObject(hidden);
  });

  test('the command line on the machine', async () => {
    const actor = bench.server.localActor();
    expect((await ask(actor, body)).actions.pull?.allowed).toBe(true);
    expect((await ask(actor, { repository: 'team/app', actions: ['admin'] })).actions.admin?.path).toBe(
      'local → administration of **',
    );
  });
});
