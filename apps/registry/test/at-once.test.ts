import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { somebody, type Somebody } from './support/people.ts';
import {
  imageManifest,
  imageType,
  password,
  sha256,
  startRegistry,
  type Registry,
} from './support/registry.ts';

/** What clients do beside each other. */
let registry: Registry;
let admin: Somebody;

beforeAll(async () => {
  registry = await startRegistry();
  admin = somebody(registry, 'admin', password);
});

afterAll(() => registry.remove());

type Kind = 'tag' | 'repository';

const scopesOf = (repository: string) => [`repository:${repository}:pull,push,delete`];

const ask = (method: string, repository: string, path: string, more: RequestInit = {}) =>
  admin.v2(method, `${repository}/${path}`, scopesOf(repository), more);

async function tag(repository: string, name: string): Promise<void> {
  const headers = { 'content-type': imageType };
  const answer = await ask('PUT', repository, `manifests/${name}`, {
    headers,
    body: imageManifest('{}', []),
  });
  expect(answer.status).toBe(201);
}

async function newRepository(name: string): Promise<void> {
  await ask('POST', name, `blobs/uploads/?digest=${sha256('{}')}`, { body: '{}' });
  await tag(name, 'latest');
}

/** A repository leaves the catalog with its last manifest. */
async function remove(kind: Kind, name: string): Promise<void> {
  const answer =
    kind === 'tag'
      ? await ask('DELETE', 'pages/tags', `manifests/${name}`)
      : await ask('DELETE', name, `manifests/${sha256(imageManifest('{}', []))}`);
  expect(answer.status).toBe(202);
}

/** Every item of every page; `between` runs after each page, with the number of it and its last item. */
async function readPages(
  first: string,
  scopes: readonly string[],
  between: (page: number, last: string) => Promise<void>,
): Promise<string[]> {
  const items: string[] = [];
  let path: string | undefined = first;
  for (let page = 0; path !== undefined; page += 1) {
    const answer: Response = await admin.v2('GET', path, scopes);
    const { tags, repositories } = (await answer.json()) as { tags?: string[]; repositories?: string[] };
    items.push(...(tags ?? repositories ?? []));
    path = /^<\/v2\/([^>]+)>; rel="next"$/.exec(answer.headers.get('link') ?? '')?.[1];
    if (path !== undefined) await between(page, items.at(-1) ?? '');
  }
  return items;
}

const numbered = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${prefix}${String(index).padStart(2, '0')}`);

describe('pages of a list that changes between them', () => {
  /** Those that stay lie between those that go, on every page. */
  const staying = numbered('item-', 24);
  const going = staying.map((name) => `${name}-goes`);

  let gone: Set<string>;

  /** Takes away the item that the next page begins after, one that was seen and one to come, and adds two. */
  async function change(kind: Kind, prefix: string, page: number, last: string) {
    const left = going.filter((name) => !gone.has(name));
    const chosen = new Set([last.slice(prefix.length), left[0] ?? '', left.at(-1) ?? '']);
    for (const name of left.filter((name) => chosen.has(name))) {
      gone.add(name);
      await remove(kind, `${prefix}${name}`);
    }
    for (const name of [`a-new-${page}`, `z-new-${page}`]) {
      if (kind === 'tag') await tag('pages/tags', name);
      else await newRepository(`${prefix}${name}`);
    }
  }

  function expectEachOnce(items: readonly string[], expected: readonly string[]): void {
    expect(items.filter((item) => expected.includes(item))).toEqual(expected);
    expect(new Set(items).size).toBe(items.length);
    expect(gone.size).toBeGreaterThan(8);
  }

  test.each([3, 4, 5])(
    'tags, %i at a time',
    async (n) => {
      gone = new Set();
      const repository = 'pages/tags';
      await newRepository(repository);
      for (const name of [...staying, ...going]) await tag(repository, name);
      const first = `${repository}/tags/list?n=${n}`;
      const items = await readPages(first, scopesOf(repository), (page, last) =>
        change('tag', '', page, last),
      );
      expectEachOnce(items, staying);
    },
    30_000,
  );

  test('the catalog', async () => {
    gone = new Set();
    const prefix = 'catalog/';
    for (const name of [...staying, ...going]) await newRepository(`${prefix}${name}`);
    const items = await readPages('_catalog?n=4', ['registry:catalog:*'], (page, last) =>
      change('repository', prefix, page, last),
    );
    expectEachOnce(
      items,
      staying.map((name) => `${prefix}${name}`),
    );
  }, 60_000);
});

describe('one blob that comes several times at once', () => {
  async function upload(repository: string, content: Uint8Array<ArrayBuffer>): Promise<number> {
    const started = await ask('POST', repository, 'blobs/uploads/');
    const session = (started.headers.get('location') ?? '').split('/').at(-1);
    const half = content.length / 2;
    await ask('PATCH', repository, `blobs/uploads/${session}`, { body: content.subarray(0, half) });
    const path = `blobs/uploads/${session}?digest=${sha256(content)}`;
    return (await ask('PUT', repository, path, { body: content.subarray(half) })).status;
  }

  test.each([
    ['into one repository', ['team/one', 'team/one', 'team/one', 'team/one']],
    ['into several', ['team/two', 'team/three', 'team/four', 'team/five']],
  ])('is there for everybody: %s', async (_, repositories) => {
    const content = randomBytes(2 * 1024 * 1024);
    const statuses = await Promise.all(repositories.map((repository) => upload(repository, content)));
    expect(statuses).toEqual(repositories.map(() => 201));
    for (const repository of repositories) {
      const answer = await ask('GET', repository, `blobs/${sha256(content)}`);
      expect(sha256(await answer.bytes())).toBe(sha256(content));
    }
  });

  test('in one request each', async () => {
    const content = randomBytes(1024 * 1024);
    const path = `blobs/uploads/?digest=${sha256(content)}`;
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => ask('POST', 'team/six', path, { body: content })),
    );
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
  });
});

test('a tag that many set at once has one of what they set', async () => {
  await newRepository('team/race');
  const bodies = numbered('note-', 8).map((note) => imageManifest('{}', [], { annotations: { note } }));
  const answers = await Promise.all(
    bodies.map((body) =>
      ask('PUT', 'team/race', 'manifests/latest', { body, headers: { 'content-type': imageType } }),
    ),
  );
  expect(answers.map(({ status }) => status)).toEqual(bodies.map(() => 201));
  expect(bodies).toContain(await (await ask('GET', 'team/race', 'manifests/latest')).text());
});
