import { roles, type Account, type Action } from '@berth/protocol';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Explanation } from '../policy/explain.ts';
import { basic, openBench, type Bench, type GrantText } from '../testing/bench.ts';

/** Tokens for registries that are not Berth. */
let bench: Bench;
let alone: Bench;

const otherServices = [{ name: 'elsewhere', keys: 'jwks' }] as const;

beforeAll(async () => {
  bench = await openBench({ otherServices });
  alone = await openBench({ otherServices, registry: undefined });
  for (const one of [bench, alone]) await fill(one, await one.addUser('alice'));
  await bench.addUser('root', { admin: true });
  bench.repositories.set('open/app', 'public').set('house/app', 'internal').set('publisher/app', 'private');
});

afterAll(() => Promise.all([bench.close(), alone.close()]));

const writer = roles.writer;

/** Grants to alice, by the name of the namespace that they are about. */
const grants: Record<string, readonly Partial<GrantText>[]> = {
  ...Object.fromEntries(Object.entries(roles).map(([role, actions]) => [role, [{ actions }]])),
  nocreate: [{ actions: ['pull', 'push', 'overwrite'] }],
  tags: [{ actions: roles.maintainer, tags: 'v*' }],
  parts: [{ actions: ['push', 'create'] }, { actions: ['overwrite'], expiresAt: Date.now() + 100_000 }],
  partly: [{ actions: writer, tags: 'v*' }, { actions: ['pull', 'push', 'create'] }],
  denied: [{ actions: roles.maintainer }, { effect: 'deny', actions: ['push', 'delete'], tags: 'v*' }],
  frozen: [{ actions: roles.maintainer }, { effect: 'deny', actions: ['overwrite'] }],
};

async function fill(one: Bench, { id }: Account): Promise<void> {
  for (const [namespace, given] of Object.entries(grants))
    for (const grant of given)
      await one.addGrant({ ...all, ...grant, subject: id, pattern: `${namespace}/**` });
}

const all: Pick<GrantText, 'kind' | 'actions'> = { kind: 'user', actions: [] };

async function ask(one: Bench, query: Record<string, string>, user?: string) {
  const headers = user === undefined ? {} : { authorization: basic(user) };
  const response = await fetch(`${one.origin}/auth/token?${new URLSearchParams(query)}`, { headers });
  return { status: response.status, body: (await response.json()) as Record<string, any> };
}

async function given(one: Bench, repository: string, user?: string): Promise<readonly string[]> {
  const query = { service: 'elsewhere', scope: `repository:${repository}:*` };
  const { access } = decodeJwt<{ access: { actions: string[] }[] }>(
    (await ask(one, query, user)).body['token'],
  );
  return access.flatMap(({ actions }) => actions);
}

const rows: readonly [is: string, repository: string, holds: readonly string[], user?: string][] = [
  ['a reader', 'reader/app', ['pull']],
  ['a writer', 'writer/app', ['pull', 'push']],
  ['a maintainer', 'maintainer/app', ['pull', 'push', 'delete']],
  ['who may not move tags, pushes nothing', 'publisher/app', ['pull']],
  ['who may not make repositories, pushes nothing', 'nocreate/app', ['pull']],
  ['a right to some tags is none', 'tags/app', ['pull']],
  ['what a push comes to, by two grants', 'parts/app', ['push']],
  ['what a push comes to, but for some tags only', 'partly/app', ['pull']],
  ['a deny of some tags takes it all', 'denied/app', ['pull']],
  ['a deny to move tags takes the push', 'frozen/app', ['pull', 'delete']],
  ['what is one’s own', 'alice/app', ['pull', 'push', 'delete']],
  ['what nobody gave', 'nobody/app', []],
];

describe.each([
  ['beside a registry of its own', () => bench],
  ['alone', () => alone],
])('a token for another registry, %s', (_where, one) => {
  test.each(rows)('%s: %s', async (_is, repository, holds) => {
    expect(await given(one(), repository, 'alice')).toEqual(holds);
  });

  test('ends with what a push rests on', async () => {
    const query = { service: 'elsewhere', scope: 'repository:parts/app:push' };
    const { body } = await ask(one(), query, 'alice');
    expect(body['expires_in']).toBeLessThanOrEqual(100);
  });

  test('of a narrowed personal access token holds what its limits give in full', async () => {
    const owner = { id: decodeJwt<any>(await one().token(basic('alice'))).berth?.uid ?? '', name: 'alice' };
    const limited = (actions: readonly Action[]) => [{ repository: 'alice/**', actions }];
    const pushOf = async (actions: readonly Action[]) => {
      const { secret } = await one().addToken({ ...owner, kind: 'user' }, { scopes: limited(actions) });
      const headers = { authorization: basic('alice', secret) };
      const query = new URLSearchParams({ service: 'elsewhere', scope: 'repository:alice/app:pull,push' });
      const response = await fetch(`${one().origin}/auth/token?${query}`, { headers });
      const { token } = (await response.json()) as { token: string };
      return decodeJwt<{ access: { actions: string[] }[] }>(token).access.flatMap(({ actions }) => actions);
    };
    expect(await pushOf(['pull', 'push'])).toEqual(['pull']);
    expect(await pushOf(writer)).toEqual(['pull', 'push']);
  });
});

test('the visibility of a repository of Berth opens nothing in one of the same name', async () => {
  expect(await given(bench, 'open/app')).toEqual([]);
  expect(await given(bench, 'house/app', 'alice')).toEqual([]);
  expect(await given(bench, 'open/app', 'root')).toEqual(['pull', 'push', 'delete']);
});

test('the catalog is for administrators, and not for a narrowed token of theirs', async () => {
  const owner = { id: decodeJwt<any>(await bench.token(basic('root'))).berth?.uid ?? '', name: 'root' };
  const scopes = [{ repository: '**', actions: ['pull'] }] as const;
  const { secret } = await bench.addToken({ ...owner, kind: 'user' }, { scopes });
  const query = new URLSearchParams({ service: 'elsewhere', scope: 'registry:catalog:*' });
  const access = async (authorization: string) => {
    const response = await fetch(`${bench.origin}/auth/token?${query}`, { headers: { authorization } });
    return decodeJwt<{ access: unknown }>(((await response.json()) as { token: string }).token).access;
  };
  expect(await access(basic('root'))).toEqual([{ type: 'registry', name: 'catalog', actions: ['*'] }]);
  expect(await access(basic('root', secret))).toEqual([]);
  expect(await access(basic('alice'))).toEqual([]);
});

describe('alone', () => {
  test('it makes no tokens for a registry of its own', async () => {
    expect((await ask(alone, { service: 'berth' }, 'alice')).status).toBe(400);
  });

  test('who names no service means the only one', async () => {
    expect(decodeJwt((await ask(alone, {}, 'alice')).body['token']).aud).toBe('elsewhere');
  });

  test('who names no service of several has to', async () => {
    const several = await openBench({
      otherServices: [...otherServices, { name: 'another', keys: 'jwks' }],
      registry: undefined,
    });
    await several.addUser('alice');
    const answers = [await ask(several, {}, 'alice'), await ask(several, { service: 'another' }, 'alice')];
    expect(answers.map(({ status }) => status)).toEqual([400, 200]);
    await several.close();
  });

  test('it administers no repositories', () => {
    const paths = (one: Bench) => one.server.adminRoutes.map(({ path }) => path);
    expect(paths(bench).filter((path) => path.includes('repositories'))).not.toEqual([]);
    expect(paths(alone)).toEqual(paths(bench).filter((path) => !path.includes('repositories')));
  });
});

describe('explain', () => {
  const explainTo = async (one: Bench, repository: string, actions: readonly Action[], service?: string) => {
    const actor = await one.server.identify({ authorization: basic('alice'), origin: '', address: '' });
    const route = one.server.adminRoutes.find(({ path }) => path === '/explain');
    const body = { repository, actions, ...(service !== undefined && { service }) };
    return (await route!.handle({ actor, params: {}, query: undefined, body })).body as Explanation;
  };

  test('says what a push to another registry needs', async () => {
    const { actions, registryAnswer, suggestion } = await explainTo(alone, 'publisher/app', ['push']);
    expect(actions.push).toMatchObject({
      allowed: false,
      reason:
        'alice may not push to publisher/app: a registry other than Berth needs overwrite for it, and no grant gives overwrite on publisher/app for every tag',
    });
    expect(registryAnswer).toMatchObject({ status: 401, code: 'UNAUTHORIZED' });
    expect(suggestion).toBe('berth grant add user:alice writer publisher/app');
  });

  test('names the grant for some tags that is too little', async () => {
    const { nearMisses } = await explainTo(alone, 'tags/app', ['delete']);
    expect(nearMisses.map(({ kind, sentence }) => [kind, sentence])).toEqual([
      [
        'tags',
        expect.stringContaining('for the tags v* holds for no other: one for all tags would give delete'),
      ],
    ]);
  });

  test('says what is allowed', async () => {
    const { actions, registryAnswer } = await explainTo(alone, 'writer/app', ['pull', 'push']);
    expect([actions.pull?.allowed, actions.push?.allowed]).toEqual([true, true]);
    expect(registryAnswer).toEqual({ status: 200, message: 'the token gives what is asked' });
  });

  test('is about Berth’s own registry unless another one is named', async () => {
    expect((await explainTo(bench, 'publisher/app', ['push'])).actions.push?.allowed).toBe(true);
    expect((await explainTo(bench, 'publisher/app', ['push'], 'berth')).actions.push?.allowed).toBe(true);
    expect((await explainTo(bench, 'publisher/app', ['push'], 'elsewhere')).actions.push?.allowed).toBe(
      false,
    );
  });

  test('knows only registries that tokens are for', async () => {
    await expect(explainTo(alone, 'writer/app', ['pull'], 'berth')).rejects.toMatchObject({
      code: 'BAD_REQUEST',
      detail: { field: 'service' },
    });
  });
});
