import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type ClientRegistry,
  clientTimeout as timeout,
  expectRefused,
  startClientRegistry,
} from './support/clients.ts';
import { runOk } from './support/command.ts';
import { type Containerd, startContainerd } from './support/containerd.ts';
import { tool } from './support/require.ts';

const programs = await tool('ctr');

describe.skipIf(!programs)('ctr', { timeout }, () => {
  let registry: ClientRegistry;
  let containerd: Containerd;
  const image = (tag: string) => `${registry.name('ctr')}:${tag}`;
  const as = (password: string) => ['--plain-http', '--user', `${registry.who.name}:${password}`];
  const ctr = (...args: string[]) => containerd.ctr.ok(args);
  const call = (...args: string[]) => containerd.ctr.call(args);

  beforeAll(async () => {
    [registry, containerd] = await Promise.all([startClientRegistry(), startContainerd(programs!)]);
    const archive = join(registry.folder, 'layout.tar');
    await runOk('tar', ['-C', registry.layout, '-cf', archive, 'oci-layout', 'index.json', 'blobs']);
    const name = registry.name('ctr');
    await ctr('images', 'import', '--all-platforms', '--no-unpack', '--base-name', name, archive);
  }, timeout);

  afterAll(async () => {
    await containerd?.stop();
    await registry?.remove();
  }, timeout);

  /** Forgets every image with its content, so that the next pull fetches each byte. */
  async function forget(): Promise<void> {
    const names = (await ctr('images', 'ls', '--quiet')).split('\n').filter((name) => name !== '');
    if (names.length > 0) await ctr('images', 'rm', '--sync', ...names);
    expect(await ctr('content', 'ls', '--quiet')).toBe('');
  }

  test('is refused with a wrong password, and without one', async () => {
    expectRefused(await call('images', 'push', ...as('wrong'), image('1')));
    expectRefused(await call('images', 'push', '--plain-http', image('1')));
    expect(await registry.digestOf('ctr', '1')).toBeUndefined();
  });

  test('pushes an image, an index and an artifact, with the password and with a token', async () => {
    const { content, who, token } = registry;
    await ctr('images', 'push', ...as(who.password), image('1'));
    await ctr('images', 'push', ...as(token), image('many'));
    await ctr('images', 'push', ...as(token), image('note'));
    expect(await registry.digestOf('ctr', '1')).toBe(content.image);
    expect(await registry.digestOf('ctr', 'many')).toBe(content.index);
    expect(await registry.referrersOf('ctr', content.image)).toEqual([content.note]);
  });

  test('pulls the image of this platform', async () => {
    await forget();
    const pull = ['images', 'pull', '--snapshotter=native', ...as(registry.who.password)];
    await ctr(...pull, image('1'));
    expect(await ctr('images', 'ls')).toContain(registry.content.image);
  });

  test('pulls every image of an index', async () => {
    await forget();
    await ctr(
      'images',
      'pull',
      '--all-platforms',
      '--snapshotter=native',
      ...as(registry.token),
      image('many'),
    );
    const content = await ctr('content', 'ls', '--quiet');
    for (const digest of [registry.content.index, registry.content.image, registry.content.arm])
      expect(content).toContain(digest);
  });

  test('fetches an artifact', async () => {
    await forget();
    await ctr('content', 'fetch', ...as(registry.token), image('note'));
    expect(await ctr('content', 'get', registry.content.note)).toContain(registry.content.image);
  });

  test('is denied without a login, also where the name does not exist', async () => {
    expectRefused(await call('images', 'pull', '--plain-http', image('1')));
    expectRefused(await call('images', 'pull', '--plain-http', image('none')));
  });
});
