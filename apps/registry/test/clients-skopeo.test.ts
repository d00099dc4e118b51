import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Client,
  type ClientRegistry,
  clientOf,
  clientTimeout as timeout,
  expectRefused,
  plainLogin,
  startClientRegistry,
  testLogin,
} from './support/clients.ts';
import { tool } from './support/require.ts';

const skopeo = await tool('skopeo');

describe.skipIf(!skopeo)('skopeo', { timeout }, () => {
  let registry: ClientRegistry;
  let client: Client;
  const image = (reference: string) => `docker://${registry.name('skopeo')}${reference}`;
  const local = (tag: string) => `oci:${registry.layout}:${tag}`;

  beforeAll(async () => {
    registry = await startClientRegistry();
    client = clientOf(skopeo!['skopeo']!, registry.folder, ['--insecure-policy']);
  }, timeout);

  afterAll(() => registry?.remove(), timeout);

  testLogin(
    () => registry,
    () => client,
    () => plainLogin(registry),
  );

  test('copies an image there and back with its digest', async () => {
    await client.ok(['copy', '--dest-tls-verify=false', local('1'), image(':1')]);
    const back = `oci:${join(registry.folder, 'back')}:1`;
    await client.ok(['copy', '--src-tls-verify=false', '--preserve-digests', image(':1'), back]);
    expect(await client.ok(['inspect', '--format', '{{.Digest}}', back])).toBe(registry.content.image);
  });

  test('copies an index with --all, and its image of another platform by itself', async () => {
    await client.ok(['copy', '--all', '--dest-tls-verify=false', local('many'), image(':many')]);
    expect(await registry.digestOf('skopeo', 'many')).toBe(registry.content.index);
    const back = `oci:${join(registry.folder, 'back')}:many`;
    await client.ok(['copy', '--all', '--src-tls-verify=false', image(':many'), back]);
    const arm = ['--override-arch=arm64', 'inspect', '--tls-verify=false', '--format', '{{.Architecture}}'];
    expect(await client.ok([...arm, image(':many')])).toBe('arm64');
  });

  test('converts to a Docker schema 2 manifest on its way', async () => {
    await client.ok(['copy', '--format=v2s2', '--dest-tls-verify=false', local('1'), image(':v2s2')]);
    const raw = await client.ok(['inspect', '--raw', '--tls-verify=false', image(':v2s2')]);
    expect(JSON.parse(raw)).toMatchObject({
      mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
    });
  });

  test('copies an artifact, which is a referrer of its subject then', async () => {
    await client.ok(['copy', '--dest-tls-verify=false', local('note'), image(':note')]);
    expect(await registry.referrersOf('skopeo', registry.content.image)).toEqual([registry.content.note]);
  });

  test('inspects, and lists the tags', async () => {
    const digest = ['inspect', '--tls-verify=false', '--format', '{{.Digest}}'];
    expect(await client.ok([...digest, image(':1')])).toBe(registry.content.image);
    expect(await client.ok([...digest, image(`@${registry.content.arm}`)])).toBe(registry.content.arm);
    const listed = await client.ok(['list-tags', '--tls-verify=false', image('')]);
    expect((JSON.parse(listed) as { Tags: string[] }).Tags).toEqual(['1', 'many', 'note', 'v2s2']);
  });

  test('syncs a repository with all its tags to a folder and to another repository', async () => {
    const folder = join(registry.folder, 'synced');
    const from = ['sync', '--all', '--src-tls-verify=false', '--src=docker', '--dest=dir'];
    await client.ok([...from, registry.name('skopeo'), folder]);
    const to = ['sync', '--all', '--dest-tls-verify=false', '--src=dir', '--dest=docker'];
    await client.ok([...to, folder, registry.name('synced')]);
    const { content } = registry;
    expect(await registry.digestOf('synced/skopeo', 'many')).toBe(content.index);
    expect(await registry.referrersOf('synced/skopeo', content.image)).toEqual([content.note]);
  });

  test('deletes a manifest, which asks for every action', async () => {
    await client.ok(['delete', '--tls-verify=false', image(':v2s2')]);
    expect(await registry.digestOf('skopeo', 'v2s2')).toBeUndefined();
    expect(await registry.digestOf('skopeo', '1')).toBe(registry.content.image);
  });

  test('takes the token from its command line', async () => {
    await client.ok(['logout', registry.berth.host]);
    const inspect = ['inspect', '--tls-verify=false', '--format', '{{.Digest}}'];
    expectRefused(await client.call([...inspect, image(':1')]));
    const credentials = `--creds=${registry.who.name}:${registry.token}`;
    expect(await client.ok([...inspect, credentials, image(':1')])).toBe(registry.content.image);
  });
});
