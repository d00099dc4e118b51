import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newUser, somebody, type Somebody } from './support/people.ts';
import {
  imageManifest,
  imageType,
  password,
  sha256,
  startRegistry,
  type Registry,
} from './support/registry.ts';

/** Twenty at once where only one can win. */
const writers = 20;
const rounds = 5;
const repository = 'team/app';
const scopes = [`repository:${repository}:pull,push,delete`];
const images = Array.from({ length: writers }, (_, index) =>
  imageManifest('{}', [], { annotations: { writer: String(index) } }),
);

let registry: Registry;
let admin: Somebody;
let publisher: Somebody;
let maintainer: Somebody;
/** Of the publisher and the maintainer, so that only the requests are at once. */
let tokens: Record<'publisher' | 'maintainer', string>;

beforeAll(async () => {
  registry = await startRegistry();
  admin = somebody(registry, 'admin', password);
  [publisher, maintainer] = [await newUser(registry, 'publisher'), await newUser(registry, 'maintainer')];
  for (const role of ['publisher', 'maintainer']) {
    await registry.api('POST', '/grants', { subject: `user:${role}`, repository, role });
  }
  await admin.v2('POST', `${repository}/blobs/uploads/?digest=${sha256('{}')}`, scopes, { body: '{}' });
});

afterAll(() => registry.remove());

beforeEach(async () => {
  tokens = {
    publisher: (await publisher.token(scopes)).token,
    maintainer: (await maintainer.token(scopes)).token,
  };
});

type Role = keyof typeof tokens;

function send(who: Role, method: string, reference: string, body?: string): Promise<Response> {
  const headers = { authorization: `Bearer ${tokens[who]}`, 'content-type': imageType };
  const init = { method, headers, ...(body !== undefined && { body }) };
  return fetch(`${registry.url}/v2/${repository}/manifests/${reference}`, init);
}

const put = (who: Role, tag: string, some = images) => some.map((image) => send(who, 'PUT', tag, image));

/** The status, and the code where it was refused. */
async function outcome(answer: Response): Promise<string> {
  const text = await answer.text();
  return answer.ok ? String(answer.status) : `${answer.status} ${JSON.parse(text).errors[0].code}`;
}

const outcomes = async (asked: readonly Promise<Response>[]) =>
  Promise.all(asked.map(async (answer) => outcome(await answer)));

const indexes = (list: readonly string[], wanted: string) =>
  list.flatMap((item, index) => (item === wanted ? [index] : []));

async function named(tag: string): Promise<string | null> {
  const answer = await send('maintainer', 'HEAD', tag);
  return answer.status === 404 ? null : answer.headers.get('docker-content-digest');
}

const times = Array.from({ length: rounds }, (_, index) => index);

describe('twenty writers put one tag', () => {
  const once = ['201', ...Array.from({ length: writers - 1 }, () => '403 DENIED')];

  test.each(times)('that none of them may move: one wins, and it names his image (%i)', async (round) => {
    const tag = `publish-${round}`;
    const results = await outcomes(put('publisher', tag));
    expect(results.toSorted()).toEqual(once);
    expect(await named(tag)).toBe(sha256(images[results.indexOf('201')] ?? ''));
  });

  test.each(times)('that is immutable: one wins, and it names his image (%i)', async (round) => {
    await admin.api('PATCH', `/repositories/${repository}`, { immutableTags: ['release-*'] });
    const tag = `release-${round}`;
    const results = await outcomes(put('maintainer', tag));
    expect(results.toSorted()).toEqual(once);
    expect(await named(tag)).toBe(sha256(images[results.indexOf('201')] ?? ''));
  });

  test('that all of them may move: all win, and it names one of theirs', async () => {
    expect(new Set(await outcomes(put('maintainer', 'moving')))).toEqual(new Set(['201']));
    expect(images.map((image) => sha256(image))).toContain(await named('moving'));
  });
});

describe('ten delete by digest, while twenty put the tag', () => {
  const first = imageManifest('{}', [], { annotations: { writer: 'the first' } });
  const deletions = () => Array.from({ length: 10 }, () => send('maintainer', 'DELETE', sha256(first)));

  test.each(times)('that only a deletion frees: one deletes, at most one puts (%i)', async (round) => {
    const tag = `freed-${round}`;
    expect((await send('publisher', 'PUT', tag, first)).status).toBe(201);
    const puts = outcomes(put('publisher', tag, images.slice(0, 10)));
    const deleted = await outcomes(deletions());
    const later = outcomes(put('publisher', tag, images.slice(10)));
    const results = [...(await puts), ...(await later)];
    expect(deleted.toSorted()).toEqual(['202', ...Array.from({ length: 9 }, () => '404 MANIFEST_UNKNOWN')]);
    expect(new Set(results)).toEqual(new Set(['201', '403 DENIED']));
    expect(indexes(results, '201')).toHaveLength(1);
    const [winner = -1] = indexes(results, '201');
    expect(await named(tag)).toBe(sha256(images[winner] ?? ''));
  });

  test('that is immutable: nobody deletes, nobody puts', async () => {
    await admin.api('PATCH', `/repositories/${repository}`, { immutableTags: ['kept'] });
    expect((await send('publisher', 'PUT', 'kept', first)).status).toBe(201);
    const asked = [...put('maintainer', 'kept'), ...deletions()];
    const results = await outcomes(asked);
    expect(new Set(results.slice(0, writers))).toEqual(new Set(['403 DENIED']));
    expect(new Set(results.slice(writers))).toEqual(new Set(['409 DENIED']));
    expect(await named('kept')).toBe(sha256(first));
  });

  test.each(times)(
    'with the same image: a tag that is there names an image that is there (%i)',
    async (round) => {
      const immutable = `twin-${round}`;
      const twin = imageManifest('{}', [], { annotations: { twin: String(round) } });
      await admin.api('PATCH', `/repositories/${repository}`, { immutableTags: ['twin-*'] });
      expect((await send('maintainer', 'PUT', sha256(twin), twin)).status).toBe(201);
      const asked = Array.from({ length: writers }, (_, index) =>
        index % 2 === 0
          ? send('maintainer', 'DELETE', sha256(twin))
          : send('maintainer', 'PUT', immutable, twin),
      );
      const results = await outcomes(asked);
      expect(new Set(results.filter((_, index) => index % 2 === 1))).toEqual(new Set(['201']));
      expect(indexes(results, '202').length).toBeLessThanOrEqual(1);
      expect(await named(immutable)).toBe(sha256(twin));
      expect(await named(sha256(twin))).toBe(sha256(twin));
    },
  );
});
