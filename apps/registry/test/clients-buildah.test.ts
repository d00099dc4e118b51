import { mkdir } from 'node:fs/promises';
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
import { writeBuildContext } from './support/image.ts';
import { tool } from './support/require.ts';

const buildah = await tool('buildah');

describe.skipIf(!buildah)('buildah', { timeout }, () => {
  let registry: ClientRegistry;
  let client: Client;
  const image = (reference: string) => `${registry.name('buildah')}${reference}`;
  const plain = ['--quiet', '--tls-verify=false'];

  beforeAll(async () => {
    registry = await startClientRegistry();
    client = clientOf(buildah!['buildah']!, registry.folder, [
      `--root=${join(registry.folder, 'images')}`,
      `--runroot=${join(registry.folder, 'run')}`,
      '--storage-driver=vfs',
    ]);
  }, timeout);

  afterAll(async () => {
    await client?.call(['rmi', '--all', '--force']);
    await registry?.remove();
  }, timeout);

  testLogin(
    () => registry,
    () => client,
    () => plainLogin(registry),
  );

  test('builds from nothing, pushes, and pulls back', async () => {
    const context = join(registry.folder, 'context');
    await mkdir(context);
    await writeBuildContext(context, 'built by buildah');
    const id = await client.ok(['bud', '--quiet', '--isolation=chroot', '--tag', image(':1'), context]);
    const file = join(registry.folder, 'digest');
    await client.ok(['push', ...plain, `--digestfile=${file}`, image(':1')]);
    await client.ok(['rmi', '--all', '--force']);
    expect(await client.ok(['pull', ...plain, image(':1')])).toBe(id);
    const inspected = await client.ok(['inspect', '--type=image', '--format={{.FromImageDigest}}', id]);
    expect(inspected).toBe(await registry.digestOf('buildah', '1'));
  });

  test('builds on what it pushed', async () => {
    const container = await client.ok(['from', ...plain, '--pull-always', image(':1')]);
    await client.ok(['config', '--label=berth=1', container]);
    await client.ok(['commit', ...plain, '--rm', container, `docker://${image(':labelled')}`]);
    expect(await registry.digestOf('buildah', 'labelled')).toMatch(/^sha256:/);
  });

  test('pushes a manifest list', async () => {
    await client.ok(['manifest', 'create', 'many']);
    await client.ok(['manifest', 'add', '--all', 'many', `oci:${registry.layout}:many`]);
    await client.ok([
      'manifest',
      'push',
      '--all',
      '--tls-verify=false',
      'many',
      `docker://${image(':many')}`,
    ]);
    const { image: amd, arm } = registry.content;
    expect(await registry.digestOf('buildah', amd)).toBe(amd);
    expect(await registry.digestOf('buildah', arm)).toBe(arm);
    await client.ok(['pull', ...plain, '--arch=arm64', image(':many')]);
  });

  test('is denied without a login', async () => {
    await client.ok(['logout', registry.berth.host]);
    expectRefused(await client.call(['pull', ...plain, '--policy=always', image(':1')]));
  });
});
