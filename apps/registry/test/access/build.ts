import { argon2Sync, randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { basic, sha256, type Registry } from '../support/registry.ts';
import { blobs, manifest, tagged, untagged } from './content.ts';
import { chosen } from './state.ts';
import {
  administrator,
  robots,
  users,
  type Change,
  type Credential,
  type Grant,
  type Lasts,
  type World,
} from './world.ts';

/** How a credential is shown: in a header, or as a refresh token in a form. */
export interface Proof {
  readonly id?: string;
  readonly authorization?: string;
  readonly refresh?: string;
}

export interface Built {
  readonly proofs: ReadonlyMap<Credential, Proof>;
  apply(change: Change): Promise<void>;
}

/** Milliseconds until what is to be over ends, at first: short enough to wait for. */
const moment = 150;
const passwordOf = (user: string) => `password of ${user}`;

/** Makes a world through the API, and waits until what ends soon has ended. */
export async function build(registry: Registry, world: World): Promise<Built> {
  const call = calls(registry);
  await addPeople(call, world);
  const ids = new Map<Grant, string>();
  const addGrant = async (grant: Grant) => void ids.set(grant, await postGrant(call, grant));
  await fill(registry, call, world);
  for (const grant of world.grants) await addGrant(grant);
  const proofs = await makeProofs(registry, call, world.credentials);
  await setTimeout(call.lastEnd() - Date.now());
  return { proofs, apply: (change) => applied(call, world, change, { ids, proofs, addGrant }) };
}

interface Call {
  (method: string, path: string, body?: object): Promise<any>;
  /** A POST of something that lasts so long. */
  ending(path: string, body: object, lasts: Lasts): Promise<any>;
  /** When the last of what is to be over ends, in milliseconds since 1970; 0 where nothing is. */
  lastEnd(): number;
}

function calls(registry: Registry): Call {
  let lastEnd = 0;
  const call = async (method: string, path: string, body?: object) => {
    const { status, body: answer } = await registry.api(method, path, body);
    if (status >= 300) throw new Error(`${method} ${path} ${status}: ${JSON.stringify([body, answer])}`);
    return answer;
  };
  /** On a busy machine the moment may be over when the request arrives, which is refused then. */
  const soonOver = async (path: string, body: object, span = moment): Promise<any> => {
    const end = Date.now() + span;
    const answer = await call('POST', path, { ...body, ...until(end) }).catch((error: unknown) => {
      if (Date.now() < end) throw error;
    });
    if (answer === undefined) return soonOver(path, body, 2 * span);
    lastEnd = Math.max(lastEnd, end);
    return answer;
  };
  const ending: Call['ending'] = (path, body, lasts) => {
    if (lasts === 'past') return soonOver(path, body);
    return call('POST', path, { ...body, ...(lasts !== 'ever' && until(Date.now() + 3_600_000)) });
  };
  return Object.assign(call, { ending, lastEnd: () => lastEnd });
}

const until = (time: number) => ({ expiresAt: new Date(time).toISOString() });

async function addPeople(call: Call, { teams }: World): Promise<void> {
  for (const name of users) {
    const passwordHash = cheapHash(passwordOf(name));
    await call('POST', '/users', { name, passwordHash, admin: name === administrator });
  }
  for (const name of robots) await call('POST', '/robots', { name, pattern: '**' });
  for (const [name, members] of Object.entries(teams)) {
    await call('POST', '/teams', { name });
    for (const user of members) await call('PUT', `/teams/${name}/members/${user}`);
  }
}

/** The cheapest argon2id there is: a world needs four. */
function cheapHash(password: string): string {
  const salt = randomBytes(16);
  const cost = { memory: 8, passes: 1, parallelism: 1 };
  const hash = argon2Sync('argon2id', { ...cost, message: password, nonce: salt, tagLength: 32 });
  const text = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');
  return `$argon2id$v=19$m=8,t=1,p=1$${text(salt)}$${text(hash)}`;
}

async function postGrant(call: Call, grant: Grant): Promise<string> {
  const { effect, subject, repository, rights, tags, lasts } = grant;
  const what = typeof rights === 'string' ? { role: rights } : { actions: rights };
  const body = { effect, subject, repository, ...what, ...(tags !== null && { tags }) };
  return (await call.ending('/grants', body, lasts)).id;
}

async function fill(registry: Registry, call: Call, { repositories }: World): Promise<void> {
  const token = await registry.token(repositories.map(({ name }) => `repository:${name}:pull,push`));
  const send = async (method: string, path: string, body: string, type = 'application/octet-stream') => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': type };
    const answer = await fetch(`${registry.url}/v2/${path}`, { method, headers, body });
    if (answer.status !== 201) throw new Error(`${method} ${path} ${answer.status}: ${await answer.text()}`);
  };
  for (const { name, visibility, immutableTags } of repositories) {
    for (const blob of blobs) await send('POST', `${name}/blobs/uploads/?digest=${sha256(blob)}`, blob);
    for (const [reference, content] of [...untagged.map(own), ...Object.entries(tagged)]) {
      const { body, type } = manifest(content);
      await send('PUT', `${name}/manifests/${reference}`, body, type);
    }
    await call('PATCH', `/repositories/${name}`, { visibility, immutableTags });
  }
}

function own(content: string): [string, string] {
  return [manifest(content).digest, content];
}

async function makeProofs(
  registry: Registry,
  call: Call,
  credentials: readonly Credential[],
): Promise<Map<Credential, Proof>> {
  const proofs = new Map<Credential, Proof>();
  for (const credential of credentials) proofs.set(credential, await makeProof(registry, call, credential));
  return proofs;
}

async function makeProof(
  registry: Registry,
  call: Call,
  { owner, kind, limits, lasts }: Credential,
): Promise<Proof> {
  if (owner === null) return {};
  if (kind === 'personal') {
    const whose = (robots as readonly string[]).includes(owner) ? { robot: owner } : { user: owner };
    const body = { name: 'x', ...whose, ...(limits !== null && { scopes: limits }) };
    const { id, secret } = await call.ending('/tokens', body, lasts);
    return { id, authorization: basic({ user: 'whoever', password: secret }) };
  }
  const authorization = basic({ user: owner, password: passwordOf(owner) });
  if (kind === 'password') return { authorization };
  const query = 'service=berth&offline_token=true';
  const answer = await fetch(`${registry.url}/auth/token?${query}`, { headers: { authorization } });
  return { refresh: ((await answer.json()) as { refresh_token: string }).refresh_token };
}

interface Made {
  readonly ids: Map<Grant, string>;
  readonly proofs: ReadonlyMap<Credential, Proof>;
  readonly addGrant: (grant: Grant) => Promise<void>;
}

async function applied(call: Call, world: World, change: Change, made: Made): Promise<void> {
  switch (change.kind) {
    case 'grant':
      return made.addGrant(change.grant);
    case 'remove grant':
      return removeGrant(call, chosen(world.grants, change.index), made.ids);
    case 'disable': {
      const kind = (robots as readonly string[]).includes(change.account) ? 'robots' : 'users';
      return call('PATCH', `/${kind}/${change.account}`, { disabled: true });
    }
    case 'leave':
      return void (await call('DELETE', `/teams/${change.team}/members/${change.user}`).catch(() => {}));
    case 'join':
      return call('PUT', `/teams/${change.team}/members/${change.user}`);
    case 'visibility': {
      const { name } = chosen(world.repositories, change.index);
      return call('PATCH', `/repositories/${name}`, { visibility: change.visibility });
    }
    case 'remove credential':
      return removeCredential(call, chosen(world.credentials, change.index), made.proofs);
  }
}

/** Two changes may name the same one. */
async function removeGrant(call: Call, grant: Grant, ids: Map<Grant, string>): Promise<void> {
  const id = ids.get(grant);
  ids.delete(grant);
  if (id !== undefined) await call('DELETE', `/grants/${id}`);
}

async function removeCredential(
  call: Call,
  credential: Credential,
  proofs: ReadonlyMap<Credential, Proof>,
): Promise<void> {
  const id = proofs.get(credential)?.id;
  if (id !== undefined) await call('DELETE', `/tokens/${id}`).catch(() => {});
}
