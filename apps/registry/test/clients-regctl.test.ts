import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Client,
  type ClientRegistry,
  clientOf,
  clientTimeout as timeout,
  expectRefused,
  startClientRegistry,
  testLogin,
} from './support/clients.ts';
import { noteType } from './support/layout.ts';
import { sha256 } from './support/registry.ts';
import { tool } from './support/require.ts';

const regctl = await tool('regctl');

describe.skipIf(!regctl)('regctl', { timeout }, () => {
  let registry: ClientRegistry;
  let client: Client;
  const image = (reference: string) => `${registry.name('regctl')}${reference}`;

  beforeAll(async () => {
    registry = await startClientRegistry();
    client = clientOf(regctl!['regctl']!, registry.folder);
    await client.ok(['registry', 'set', '--skip-check', '--tls=disabled', registry.berth.host]);
  }, timeout);

  afterAll(() => registry?.remove(), timeout);

  testLogin(
    () => registry,
    () => client,
    () => ({
      login: ['registry', 'login', registry.berth.host, '-u', registry.who.name, '--pass-stdin'],
      logout: ['registry', 'logout', registry.berth.host],
    }),
  );

  test('copies an image and an index with its referrers from a layout', async () => {
    const { content, layout } = registry;
    await client.ok(['image', 'copy', `ocidir://${layout}:1`, image(':1')]);
    expect(await client.ok(['image', 'digest', image(':1')])).toBe(content.image);
    await client.ok(['image', 'copy', `ocidir://${layout}:many`, image(':many')]);
    expect(await registry.digestOf('regctl', 'many')).toBe(content.index);
    await client.ok(['image', 'copy', `ocidir://${layout}:note`, image(':note')]);
    expect(await registry.referrersOf('regctl', content.image)).toEqual([content.note]);
  });

  test('copies an index with its referrers to another repository, and back to a layout', async () => {
    const { content } = registry;
    const other = registry.name('regctl-copy:many');
    await client.ok(['image', 'copy', '--referrers', '--digest-tags', image(':many'), other]);
    expect(await registry.digestOf('regctl-copy', 'many')).toBe(content.index);
    expect(await registry.referrersOf('regctl-copy', content.image)).toEqual([content.note]);
    const back = `ocidir://${join(registry.folder, 'back')}:many`;
    await client.ok(['image', 'copy', '--referrers', other, back]);
    expect(await client.ok(['image', 'digest', back])).toBe(content.index);
    expect(await client.ok(['image', 'digest', '--platform=linux/arm64', image(':many')])).toBe(content.arm);
  });

  test('puts an artifact, lists and gets it', async () => {
    const put = ['artifact', 'put', '--artifact-type=application/x.bill', '--subject', image(':1')];
    await client.ok([...put], 'a bill');
    const digests = ['artifact', 'list', '--format={{range .Descriptors}}{{println .ArtifactType}}{{end}}'];
    expect((await client.ok([...digests, image(':1')])).split('\n').sort()).toEqual(
      ['application/x.bill', noteType].sort(),
    );
    const filtered = [...digests, '--filter-artifact-type=application/x.bill'];
    expect(await client.ok([...filtered, image(':1')])).toBe('application/x.bill');
    const get = ['artifact', 'get', '--filter-artifact-type=application/x.bill', '--subject', image(':1')];
    expect(await client.ok(get)).toBe('a bill');
  });

  test('puts, heads, gets and deletes a blob', async () => {
    const bytes = 'a blob of its own';
    const digest = sha256(bytes);
    expect(await client.ok(['blob', 'put', image('')], bytes)).toBe(digest);
    await client.ok(['blob', 'head', image(''), digest]);
    expect(await client.ok(['blob', 'get', image(''), digest])).toBe(bytes);
    await client.ok(['blob', 'delete', image(''), digest]);
    expect((await client.call(['blob', 'head', image(''), digest])).code).not.toBe(0);
  });

  test('sends a blob in chunks', async () => {
    await client.ok(['registry', 'set', '--blob-chunk=65536', '--blob-max=65536', registry.berth.host]);
    const bytes = 'x'.repeat(300_000);
    expect(await client.ok(['blob', 'put', image('')], bytes)).toBe(sha256(bytes));
    expect(await client.ok(['blob', 'get', image(''), sha256(bytes)])).toBe(bytes);
  });

  test('makes an index of images that are there', async () => {
    const many = image(':many');
    const platforms = ['--platform=linux/amd64', '--platform=linux/arm64'];
    await client.ok(['index', 'create', image(':index'), '--ref', many, ...platforms]);
    const arm = ['image', 'digest', '--platform=linux/arm64'];
    expect(await client.ok([...arm, image(':index')])).toBe(registry.content.arm);
  });

  test('lists tags and repositories', async () => {
    expect(await client.ok(['tag', 'ls', image('')])).toBe('1\nindex\nmany\nnote');
    const listed = await client.ok(['repo', 'ls', registry.berth.host]);
    expect(listed).toBe('clients/regctl\nclients/regctl-copy');
  });

  test('deletes a tag and keeps what it named', async () => {
    await client.ok(['tag', 'delete', image(':index')]);
    expect(await registry.digestOf('regctl', 'index')).toBeUndefined();
    expect(await client.ok(['tag', 'ls', image('')])).toBe('1\nmany\nnote');
    expect(await registry.digestOf('regctl', registry.content.arm)).toBe(registry.content.arm);
  });

  test('deletes a manifest, for which it asks no more than pull and push', async () => {
    await client.ok(['manifest', 'delete', image(`@${registry.content.note}`)]);
    expect(await registry.digestOf('regctl', registry.content.note)).toBeUndefined();
  });

  test('is denied without a login', async () => {
    await client.ok(['registry', 'logout', registry.berth.host]);
    expectRefused(await client.call(['manifest', 'get', image(':1')]));
    expectRefused(await client.call(['blob', 'put', image('')], 'x'));
  });
});
