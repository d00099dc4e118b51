import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWorld, password, type Call, type World } from './world.ts';

/** What it says; who calls what (see {@link personas}); what is sent; status and body of the answer. */
export type Row = readonly [says: string, call: string, sent: Call, status: number, answer?: unknown];

/** Makes each row a test, in their order, on one world: some build on those before. */
export function testCalls(table: readonly Row[]): () => World {
  let world: World;
  let secrets: Record<string, string>;
  beforeAll(async () => {
    world = await openWorld({ repositories: ['taken/app'] });
    secrets = await personas(world);
  });
  afterAll(() => world.close());
  for (const [says, line, sent, status, answer] of table) {
    test(`${line}: ${says}`, async () => {
      const [who = '', ...request] = line.split(' ');
      const actor = who === 'local' ? world.local : await world.as(secrets[who] ?? who);
      const got = await world.call(actor, request.join(' '), sent);
      expect(got).toMatchObject({ status, ...(answer === undefined ? {} : { body: answer }) });
    });
  }
  return () => world;
}

/**
 * `root`, an administrator; `alice` in the team `core`; `bob`, who owns `team/other`; the robot `ci` of `alice/**`, as
 * `robot`. And tokens: `full`, of alice; `narrow`, of root, limited to pull `alice/**`.
 */
async function personas({ call, local }: World): Promise<Record<string, string>> {
  for (const name of ['root', 'alice', 'bob']) {
    await call(local, 'POST /users', { body: { name, password: password(name), admin: name === 'root' } });
  }
  await call(local, 'PATCH /users/alice', { body: { email: 'alice@example.org' } });
  await call(local, 'POST /teams', { body: { name: 'core' } });
  await call(local, 'PUT /teams/core/members/alice');
  await call(local, 'POST /robots', { body: { name: 'ci', pattern: 'alice/**' } });
  const owner = { subject: 'user:bob', repository: 'team/other', role: 'owner' };
  await call(local, 'POST /grants', { body: owner });
  const secretOf = async (body: object) =>
    (await call(local, 'POST /tokens', { body: { name: 'x', ...body } })).body.secret;
  return {
    narrow: await secretOf({ user: 'root', scopes: [{ repository: 'alice/**', actions: ['pull'] }] }),
    full: await secretOf({ user: 'alice' }),
    robot: await secretOf({ robot: 'ci' }),
  };
}

export const denied = { code: 'DENIED' };

export const missing = (what: string) => ({ code: 'NOT_FOUND', message: `there is no such ${what}` });

export const named = (...list: string[]) => ({
  items: list.map((name) => expect.objectContaining({ name })),
});

/** A whole second of tomorrow, as the answers have it. */
export const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
