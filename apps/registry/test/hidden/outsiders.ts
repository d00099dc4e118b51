import { newUser, somebody, type Somebody } from '../support/people.ts';
import type { Registry } from '../support/registry.ts';

/** Somebody who may nothing with a repository, and how his requests prove him. */
export interface Outsider {
  /** `Authorization` for a request of the registry API about a repository; `undefined`: none. */
  readonly registry: (name: string) => string | undefined;
  /** The same for the administration API. */
  readonly administration: string | undefined;
}

const scopesOf = (name: string) => [`repository:${name}:pull,push,delete`];
const everything = ['pull', 'push', 'delete', 'create', 'overwrite', 'admin'];

/**
 * Everybody who has no right below `namespace`, by what he is. `before` runs while those who lose their rights have
 * them still.
 */
export async function outsidersOf(
  registry: Registry,
  { namespace, names }: { readonly namespace: string; readonly names: readonly string[] },
): Promise<Record<string, Outsider>> {
  const below = `${namespace}/**`;
  const grant = (subject: string, repository: string, more: object = {}) =>
    registry.api('POST', '/grants', { subject, repository, role: 'maintainer', ...more });
  const plain = await newUser(registry, 'plain');
  const elsewhere = await newUser(registry, 'elsewhere');
  await grant('user:elsewhere', 'other/**', { role: 'owner' });
  const refused = await newUser(registry, 'refused');
  await grant('user:refused', below);
  await grant('user:refused', below, { effect: 'deny', role: undefined, actions: everything });
  const [gone, left, ended] = [
    await newUser(registry, 'gone'),
    await newUser(registry, 'left'),
    await newUser(registry, 'ended'),
  ];
  await registry.api('POST', '/teams', { name: 'crew' });
  await registry.api('PUT', '/teams/crew/members/left');
  for (const subject of ['user:gone', 'team:crew']) await grant(subject, below);
  const { body } = await grant('user:ended', below);
  const { secret } = (await gone.api('POST', '/tokens', { name: 'x' })).body;
  const former = [await tokensOf(gone, names), await tokensOf(left, names), await tokensOf(ended, names)];
  await registry.api('PATCH', '/users/gone', { disabled: true });
  await registry.api('DELETE', '/teams/crew/members/left');
  await registry.api('DELETE', `/grants/${body.id}`);
  const [narrowed, robot] = [await narrowedOwner(registry, namespace), await robotElsewhere(registry)];
  return {
    'anonymous without a header': { registry: () => undefined, administration: undefined },
    'anonymous with a token': await byToken(somebody(registry, ''), names),
    'a user without grants': await byToken(plain, names),
    'a user without grants, by Basic': byBasic(plain),
    'a user with rights elsewhere': await byToken(elsewhere, names),
    'a user with rights elsewhere, by Basic': byBasic(elsewhere),
    'a user who is denied': await byToken(refused, names),
    'a user who is denied, by Basic': byBasic(refused),
    'a user who is disabled': { registry: former[0]!, administration: `Bearer ${secret}` },
    'a member who left': { registry: former[1]!, administration: left.authorization },
    'a member who left, by Basic': byBasic(left),
    'a user whose grant was removed': { registry: former[2]!, administration: ended.authorization },
    'the owner with a narrowed token': await byToken(narrowed, names),
    'the owner with a narrowed token, by Basic': byBasic(narrowed),
    'a robot with rights elsewhere': await byToken(robot, names),
    'a robot with rights elsewhere, by Basic': byBasic(robot),
    'a bad token': { registry: () => 'Bearer x.y.z', administration: 'Bearer x.y.z' },
  };
}

function byBasic({ authorization }: Somebody): Outsider {
  return { registry: () => authorization, administration: authorization };
}

async function byToken(who: Somebody, names: readonly string[]): Promise<Outsider> {
  return { registry: await tokensOf(who, names), administration: who.authorization || undefined };
}

/** One token a name, made now. */
async function tokensOf(who: Somebody, names: readonly string[]): Promise<Outsider['registry']> {
  const tokens = new Map<string, string>();
  for (const name of names) tokens.set(name, `Bearer ${(await who.token(scopesOf(name))).token}`);
  return (name) => tokens.get(name);
}

async function narrowedOwner(registry: Registry, owner: string): Promise<Somebody> {
  const scopes = [{ repository: 'other/**', actions: everything }];
  const { body } = await registry.api('POST', '/tokens', { name: 'narrow', user: owner, scopes });
  return somebody(registry, owner, body.secret);
}

async function robotElsewhere(registry: Registry): Promise<Somebody> {
  await registry.api('POST', '/robots', { name: 'other-ci', pattern: 'other/**' });
  await registry.api('POST', '/grants', { subject: 'robot:other-ci', repository: 'other/**', role: 'owner' });
  const { body } = await registry.api('POST', '/tokens', { name: 'ci', robot: 'other-ci' });
  return somebody(registry, 'other-ci', body.secret);
}
