import { mkdir, readFile } from 'node:fs/promises';
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

const podman = await tool('podman');

describe.skipIf(!podman)('podman', { timeout }, () => {
  let registry: ClientRegistry;
  let client: Client;
  const image = (reference: string) => `${registry.name('podman')}${reference}`;
  const plain = ['--quiet', '--tls-verify=false'];

  beforeAll(async () => {
    registry = await startClientRegistry();
    client = clientOf(podman!['podman']!, registry.folder, [
      `--root=${join(registry.folder, 'images')}`,
      `--runroot=${join(registry.folder, 'run')}`,
      '--storage-driver=vfs',
      '--cgroup-manager=cgroupfs',
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

  test('pushes an image and pulls it back with its digest', async () => {
    const id = await client.ok(['pull', '--quiet', `oci:${registry.layout}:1`]);
    await client.ok(['push', ...plain, id, image(':1')]);
    await client.ok(['rmi', '--all', '--force']);
    expect(await client.ok(['pull', ...plain, image(':1')])).toBe(id);
    expect(await client.ok(['image', 'inspect', '--format', '{{.Digest}}', image(':1')])).toBe(
      await registry.digestOf('podman', '1'),
    );
  });

  test('builds, pushes, and pulls every file back', async () => {
    const context = join(registry.folder, 'context');
    await mkdir(context);
    await writeBuildContext(context, 'built by podman');
    await client.ok(['build', '--quiet', '--network=host', '--tag', image(':built'), context]);
    await client.ok(['push', ...plain, image(':built')]);
    await client.ok(['rmi', '--all', '--force']);
    await client.ok(['create', ...plain, '--name=pulled', image(':built')]);
    const message = join(registry.folder, 'message');
    await client.ok(['cp', 'pulled:/message', message]);
    expect(await readFile(message, 'utf8')).toBe('built by podman');
    await client.ok(['rm', 'pulled']);
  });

  test('pushes a manifest list, and pulls the image of another platform', async () => {
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
    const id = await client.ok(['pull', ...plain, '--platform=linux/arm64', image(':many')]);
    expect(await client.ok(['image', 'inspect', '--format', '{{.Architecture}}', id])).toBe('arm64');
    expect(await registry.digestOf('podman', registry.content.arm)).toBe(registry.content.arm);
  });

  test('lists the tags', async () => {
    const listed = await client.ok(['search', '--tls-verify=false', '--list-tags', image('')]);
    expect(listed.match(/\S+$/gm)).toEqual(['TAG', '1', 'built', 'many']);
  });

  test('is denied without a login', async () => {
    await client.ok(['logout', registry.berth.host]);
    expectRefused(await client.call(['pull', ...plain, image(':1')]));
    expectRefused(await client.call(['push', ...plain, image(':many'), image(':none')]));
  });
});
