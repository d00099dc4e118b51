import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { outsidersOf, type Outsider } from './hidden/outsiders.ts';
import {
  administrationRequests,
  registryRequests,
  silentLists,
  unknownRows,
  type Known,
  type Request,
  type Thing,
} from './hidden/requests.ts';
import { newUser, seen, somebody, type Somebody } from './support/people.ts';
import { imageManifest, imageType, sha256, startRegistry, type Registry } from './support/registry.ts';

/** Who has no right to a repository cannot find out whether it is there, by any row of any table of routes. */
const layer = 'the layer of the vault';
const manifest = imageManifest('{}', [layer]);
const known: Known = { manifest: sha256(manifest), blob: sha256(layer) };
const scopes = (name: string) => [`repository:${name}:pull,push,delete`];

let registry: Registry;
let owner: Somebody;
let hidden: Thing;
let missing: Thing;
let outsiders: Record<string, Outsider>;

beforeAll(async () => {
  registry = await startRegistry();
  owner = await newUser(registry, 'vault');
  await push('vault/hidden');
  await registry.api('PATCH', '/repositories/vault/hidden', { immutableTags: ['latest'] });
  hidden = await makeHidden();
  missing = {
    repository: 'vault/absent',
    robot: 'vault-absent',
    grant: 'aaaaaaaa',
    token: '00000000-0000-4000-8000-000000000000',
    upload: hidden.upload,
  };
  const names = [hidden.repository, missing.repository];
  outsiders = await outsidersOf(registry, { namespace: 'vault', names });
});

afterAll(() => registry.remove());

async function push(name: string): Promise<void> {
  for (const body of ['{}', layer]) {
    await owner.v2('POST', `${name}/blobs/uploads/?digest=${sha256(body)}`, scopes(name), { body });
  }
  const more = { body: manifest, headers: { 'content-type': imageType } };
  expect((await owner.v2('PUT', `${name}/manifests/latest`, scopes(name), more)).status).toBe(201);
}

async function makeHidden(): Promise<Thing> {
  const repository = 'vault/hidden';
  await owner.api('POST', '/robots', { name: 'vault-hidden', pattern: repository });
  const token = await owner.api('POST', '/tokens', { name: 'x', robot: 'vault-hidden' });
  const wanted = { subject: 'robot:vault-hidden', repository, role: 'reader' };
  const grant = await owner.api('POST', '/grants', wanted);
  const started = await owner.v2('POST', `${repository}/blobs/uploads/`, scopes(repository));
  const upload = started.headers.get('docker-upload-uuid') ?? '';
  return { repository, robot: 'vault-hidden', grant: grant.body.id, token: token.body.id, upload };
}

/** The whole answer but id and time, with what was asked for under one name. */
async function answer({ method, path, body }: Request, thing: Thing, who?: string): Promise<string> {
  const headers = {
    ...(who !== undefined && { authorization: who }),
    'content-type': path.startsWith('/api') ? 'application/json' : imageType,
  };
  const text = await seen(await fetch(`${registry.url}${path}`, { method, headers, body: body ?? null }));
  return Object.entries(thing).reduce((text, [key, value]) => text.replaceAll(value, key), text);
}

const people = [
  'anonymous without a header',
  'anonymous with a token',
  'a user without grants',
  'a user without grants, by Basic',
  'a user with rights elsewhere',
  'a user with rights elsewhere, by Basic',
  'a user who is denied',
  'a user who is denied, by Basic',
  'a user who is disabled',
  'a member who left',
  'a member who left, by Basic',
  'a user whose grant was removed',
  'the owner with a narrowed token',
  'the owner with a narrowed token, by Basic',
  'a robot with rights elsewhere',
  'a robot with rights elsewhere, by Basic',
  'a bad token',
];

test('the people are all of them, and the names equally long', () => {
  expect(Object.keys(outsiders)).toEqual(people);
  for (const key of ['repository', 'robot', 'grant', 'token'] as const) {
    expect(missing[key]).toHaveLength(hidden[key].length);
  }
  for (const id of [hidden.grant, hidden.token, hidden.upload]) expect(id).toMatch(/^[0-9a-z-]{8,}$/);
});

test('every row of the administration API is asked, or known to tell nothing', () => {
  expect(unknownRows(registry), 'say in hidden/requests.ts how each is asked').toEqual([]);
});

test('its owner sees a difference, so that what follows can fail', async () => {
  const by = (await owner.token(scopes('vault/hidden'))).token;
  const requests = registryRequests(registry, known, hidden).filter(({ method }) => method === 'GET');
  const statuses = [];
  for (const request of requests) {
    const asked = await answer(request, hidden, `Bearer ${by}`);
    statuses.push(asked.slice(1, 4));
  }
  expect(statuses.filter((status) => status === '200').length).toBeGreaterThan(5);
});

describe.each(people)('%s', (name) => {
  test('the registry API answers as if it were not there', async () => {
    const { registry: proof } = outsiders[name]!;
    const absent = registryRequests(registry, known, missing);
    for (const [index, request] of registryRequests(registry, known, hidden).entries()) {
      const asked = await answer(request, hidden, proof(hidden.repository));
      expect([request, asked.slice(1, 4)]).toEqual([request, '401']);
      const other = await answer(absent[index]!, missing, proof(missing.repository));
      expect([request, asked]).toEqual([request, other]);
    }
  });

  test('the administration API answers as if it were not there', async () => {
    const { administration: proof } = outsiders[name]!;
    const absent = administrationRequests(registry, known, missing);
    const requests = administrationRequests(registry, known, hidden);
    for (const [index, request] of requests.entries()) {
      const asked = await answer(request, hidden, proof);
      const other = await answer(absent[index]!, missing, proof);
      expect([request, asked]).toEqual([request, other]);
      expect([request, asked.slice(1, 4)]).toEqual([request, expect.stringMatching(/^(200|40[0134])$/)]);
    }
  });
});

describe('lists', () => {
  const lists = ['/v2/_catalog', '/api/v1/repositories', '/api/v1/robots', '/api/v1/grants'];
  let reader: Somebody;

  beforeAll(async () => {
    reader = await newUser(registry, 'reader');
    for (const name of ['vault/a', 'vault/b', 'vault/c', 'vault/d', 'vault/x', 'vault/y', 'vault/z']) {
      await push(name);
      await registry.api('POST', '/robots', { name: name.replace('/', '-'), pattern: name });
    }
    for (const repository of ['vault/b', 'vault/c', 'vault/y']) {
      await registry.api('POST', '/grants', { subject: 'user:reader', repository, role: 'owner' });
    }
  });

  interface Page {
    readonly items: readonly unknown[];
    readonly next: string | undefined;
  }

  async function pageOf(path: string, authorization: string): Promise<Page> {
    const answer = await fetch(`${registry.url}${path}`, { headers: { authorization } });
    expect([path, answer.status]).toEqual([path, 200]);
    const body = (await answer.json()) as { repositories?: string[]; items?: unknown[]; next?: string };
    const link = /<([^>]+)>/.exec(answer.headers.get('link') ?? '')?.[1];
    const last = body.next && `${path.split('&')[0]}&last=${encodeURIComponent(body.next)}`;
    return { items: body.repositories ?? body.items ?? [], next: link ?? last };
  }

  test.each(lists.flatMap((list) => [1, 2, 3, 4].map((n): [string, number] => [list, n])))(
    '%s in pages of %i counts nothing that is hidden',
    async (list, n) => {
      const pages: Page[] = [];
      for (let path: string | undefined = `${list}?n=${n}`; path !== undefined;) {
        pages.push(await pageOf(path, reader.authorization));
        path = pages.at(-1)?.next;
      }
      expect(pages.map(({ items }) => items.length)).toEqual(n === 1 ? [1, 1, 1] : n === 2 ? [2, 1] : [3]);
      expect(JSON.stringify(pages)).not.toMatch(/vault.(a|d|x|z|hidden)/);
    },
  );

  test.each(people)('%s finds nothing in them', async (name) => {
    const { administration: proof } = outsiders[name]!;
    for (const list of [...lists, ...silentLists(registry)]) {
      for (const n of [1, 1000]) {
        const headers = proof === undefined ? {} : { authorization: proof };
        const answer = await fetch(`${registry.url}${list}${lists.includes(list) ? `?n=${n}` : ''}`, {
          headers,
        });
        expect([list, await seen(answer)]).toEqual([list, expect.not.stringMatching(/vault[/-][a-z]|rel=/)]);
      }
    }
  });
});

describe('in read-only mode', () => {
  /** What each was answered while the registry could be written to. */
  const usual = new Map<string, readonly string[]>();

  /** All answers to one, whatever the port. */
  async function answersTo({ registry: proof, administration }: Outsider): Promise<string[]> {
    const answers: string[] = [];
    const ask = async (request: Request, by: string | undefined) => {
      const { method, path } = request;
      const text = await answer(request, hidden, by);
      answers.push(`${method} ${path}: ${text.replaceAll(registry.url, 'origin')}`);
    };
    for (const request of registryRequests(registry, known, hidden))
      await ask(request, proof(hidden.repository));
    for (const request of administrationRequests(registry, known, hidden)) await ask(request, administration);
    return answers;
  }

  beforeAll(async () => {
    for (const name of people) usual.set(name, await answersTo(outsiders[name]!));
    const env = { REGISTRY_STORAGE_MAINTENANCE_READONLY_ENABLED: 'true' };
    registry = await registry.restart({ env });
    owner = somebody(registry, 'vault', 'password of vault');
  }, 120_000);

  test('its owner is told so, so that what follows can fail', async () => {
    const by = `Bearer ${(await owner.token(scopes('vault/hidden'))).token}`;
    const asked = await Promise.all(
      registryRequests(registry, known, hidden)
        .filter(({ method }) => !['GET', 'HEAD'].includes(method))
        .map((request) => answer(request, hidden, by)),
    );
    expect(asked.length).toBeGreaterThan(10);
    for (const text of asked) expect(text).toMatch(/^\[405.*UNSUPPORTED.*the registry is read-only/);
  });

  test.each(people)('%s is answered as ever', async (name) => {
    expect(await answersTo(outsiders[name]!)).toEqual(usual.get(name));
  });
});
