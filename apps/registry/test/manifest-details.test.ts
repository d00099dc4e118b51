import { afterAll, beforeAll, expect, test } from 'vitest';
import { newUser, type Somebody } from './support/people.ts';
import {
  imageManifest,
  imageType,
  indexType,
  sha256,
  startRegistry,
  type Registry,
} from './support/registry.ts';

const config = '{"os":"linux"}';
const layers = ['what both have', 'what one has, and more'];
const configType = 'application/vnd.oci.image.config.v1+json';
const layerType = 'application/vnd.oci.image.layer.v1.tar';

const amd64 = imageManifest(config, layers);
const arm64 = imageManifest(config, layers.slice(0, 1), { annotations: { color: 'blue' } });
const absent = sha256('of another platform, which was left out');

/** The last one has members that no specification knows, and that no client was ever refused for. */
const children = [
  { ...descriptor(amd64), platform: { os: 'linux', architecture: 'amd64', 'os.version': '1' } },
  { ...descriptor(arm64), platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } },
  {
    mediaType: imageType,
    digest: absent,
    size: 7,
    platform: { os: 'linux', architecture: 'riscv64', variant: 9 },
    annotations: { number: 1 },
  },
];
const index = JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests: children });
const referrer = (name: string) =>
  imageManifest(config, [], {
    artifactType: 'a/signature',
    subject: { mediaType: indexType, digest: sha256(index), size: index.length },
    annotations: { name },
  });

let registry: Registry;
let owner: Somebody;

beforeAll(async () => {
  registry = await startRegistry({ env: { REGISTRY_VALIDATION_MANIFESTS_INDEXES_PLATFORMS: 'none' } });
  owner = await newUser(registry, 'team');
  for (const body of [config, ...layers])
    await send('POST', `blobs/uploads/?digest=${sha256(body)}`, body, 'application/octet-stream');
  for (const image of [amd64, arm64]) await send('PUT', `manifests/${sha256(image)}`, image, imageType);
  for (const tag of ['latest', '1']) await send('PUT', `manifests/${tag}`, index, indexType);
});

afterAll(() => registry.remove());

function descriptor(content: string, mediaType = imageType) {
  return { mediaType, digest: sha256(content), size: content.length };
}

async function send(method: string, path: string, body: string, type: string): Promise<void> {
  const more = { body, headers: { 'content-type': type } };
  const answer = await owner.v2(method, `team/app/${path}`, ['repository:team/app:pull,push'], more);
  expect(answer.status).toBe(201);
}

const details = async (reference: string) =>
  (await owner.api('GET', `/repositories/team/app/-/manifests/${reference}`)).body;

const blobs = [config, ...layers].join('').length;
const pushed = { pushedAt: expect.stringMatching(/^2\d{3}-.*Z$/), pushedBy: 'team' };

test('an image, by its digest', async () => {
  expect(await details(sha256(amd64))).toEqual({
    ...descriptor(amd64),
    artifactType: configType,
    totalSize: amd64.length + blobs,
    config: descriptor(config, configType),
    layers: layers.map((layer) => descriptor(layer, layerType)),
    manifests: [],
    tags: [],
    referrers: [],
    ...pushed,
  });
});

test('an index, by a tag: its platforms, of which one is not here, and what they share once', async () => {
  const [one, two, three] = children.map(({ mediaType, digest, size }) => ({ mediaType, digest, size }));
  expect(await details('latest')).toEqual({
    ...descriptor(index, indexType),
    totalSize: index.length + amd64.length + arm64.length + blobs,
    layers: [],
    manifests: [
      { ...one, platform: { os: 'linux', architecture: 'amd64' }, totalSize: amd64.length + blobs },
      {
        ...two,
        platform: children[1]?.platform,
        totalSize: arm64.length + config.length + layers[0]!.length,
      },
      three,
    ],
    tags: ['1', 'latest'],
    referrers: [],
    ...pushed,
  });
  expect(await details('1')).toEqual(await details(sha256(index)));
});

test('what refers to it, a hundred at most', async () => {
  const put = (name: string) => {
    const payload = referrer(name);
    return send('PUT', `manifests/${sha256(payload)}`, payload, imageType);
  };
  await put('0');
  const found = await details('latest');
  expect(found.referrers).toEqual([
    { ...descriptor(referrer('0')), artifactType: 'a/signature', annotations: { name: '0' } },
  ]);
  expect(found.moreReferrers).toBeUndefined();
  expect(await details(sha256(referrer('0')))).toMatchObject({ subject: sha256(index) });
  for (let name = 1; name <= 100; name += 1) await put(String(name));
  const many = await details('latest');
  expect([many.referrers.length, many.moreReferrers]).toEqual([100, true]);
});
