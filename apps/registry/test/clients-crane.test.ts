import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Client,
  type ClientRegistry,
  clientOf,
  clientTimeout as timeout,
  expectRefused,
  startClientRegistry,
} from './support/clients.ts';
import { runOk } from './support/command.ts';
import { tool } from './support/require.ts';

const crane = await tool('crane');

describe.skipIf(!crane)('crane', { timeout }, () => {
  let registry: ClientRegistry;
  let client: Client;
  const image = (reference: string) => `${registry.name('crane')}${reference}`;

  beforeAll(async () => {
    registry = await startClientRegistry();
    client = clientOf(crane!['crane']!, registry.folder, ['--insecure']);
  }, timeout);

  afterAll(() => registry?.remove(), timeout);

  /** Its own login asks nobody: the next call does. */
  const login = (password: string) =>
    client.ok(['auth', 'login', registry.berth.host, '-u', registry.who.name, '--password-stdin'], password);

  test('is refused with a wrong password', async () => {
    await login('wrong');
    expectRefused(await client.call(['catalog', registry.berth.host]));
  });

  test.each([
    ['the password', () => registry.who.password],
    ['a personal access token', () => registry.token],
  ])('logs in with %s', async (_, secret) => {
    await login(secret());
    expect(await client.ok(['catalog', registry.berth.host])).toBe('');
  });

  test('pushes a layout as one index: an image, an index and an artifact', async () => {
    const { content, layout } = registry;
    const pushed = await client.ok(['push', '--index', layout, image(':all')]);
    expect(pushed).toBe(image(`@${await registry.digestOf('crane', 'all')}`));
    await client.ok(['tag', image(`@${content.image}`), '1']);
    await client.ok(['tag', image(`@${content.index}`), 'many']);
    expect(await registry.referrersOf('crane', content.image)).toEqual([content.note]);
  });

  test('says digests, also of the image of one platform', async () => {
    expect(await client.ok(['digest', image(':1')])).toBe(registry.content.image);
    expect(await client.ok(['digest', image(':many')])).toBe(registry.content.index);
    expect(await client.ok(['digest', '--platform=linux/arm64', image(':many')])).toBe(registry.content.arm);
  });

  test('validates every byte', async () => {
    await client.ok(['validate', '--remote', image(':1')]);
    await client.ok(['validate', '--remote', image(':many')]);
  });

  test('pulls, exports, and reads manifest, configuration and blobs', async () => {
    await client.ok(['pull', '--format=oci', image(':many'), join(registry.folder, 'back')]);
    const files = join(registry.folder, 'files.tar');
    await client.ok(['export', image(':1'), files]);
    expect(await runOk('tar', ['-xOf', files, 'message'])).toBe('hello amd64');
    const manifest = JSON.parse(await client.ok(['manifest', image(':1')])) as {
      config: { digest: string };
    };
    const config = await client.ok(['blob', image(`@${manifest.config.digest}`)]);
    expect(await client.ok(['config', image(':1')])).toBe(config);
  });

  test('copies to another repository by mounting, an index too', async () => {
    const { output } = await client.call(['copy', image(':many'), registry.name('copy:many')]);
    expect(output).toMatch(/mounted blob/);
    expect(await registry.digestOf('copy', 'many')).toBe(registry.content.index);
    await client.ok(['copy', image(`@${registry.content.note}`), registry.name('copy:note')]);
    expect(await registry.referrersOf('copy', registry.content.image)).toEqual([registry.content.note]);
  });

  test('copies all tags of a repository', async () => {
    await client.ok(['copy', '--all-tags', image(''), registry.name('all-tags')]);
    expect((await client.ok(['ls', registry.name('all-tags')])).split('\n')).toEqual(['1', 'all', 'many']);
  });

  test('appends a layer', async () => {
    const layer = join(registry.folder, 'layer.tar');
    await writeFile(join(registry.folder, 'appended'), 'more');
    await runOk('tar', ['-C', registry.folder, '-cf', layer, 'appended']);
    await client.ok(['append', '--base', image(':1'), '--new_layer', layer, '--new_tag', image(':more')]);
    await client.ok(['append', '--new_layer', layer, '--new_tag', image(':first')]);
    const appended = JSON.parse(await client.ok(['manifest', image(':more')])) as { layers: unknown[] };
    expect(appended.layers).toHaveLength(2);
  });

  test('mutates labels and annotations', async () => {
    const words = ['--label=berth=1', '--annotation=org.berth=2', '--entrypoint=/message'];
    await client.ok(['mutate', image(':1'), ...words, '--tag', image(':mutated')]);
    expect(JSON.parse(await client.ok(['config', image(':mutated')]))).toMatchObject({
      config: { Labels: { berth: '1' } },
    });
    expect(JSON.parse(await client.ok(['manifest', image(':mutated')]))).toMatchObject({
      annotations: { 'org.berth': '2' },
    });
  });

  test('makes an index of images that are there', async () => {
    const parts = ['-m', image(`@${registry.content.image}`), '-m', image(`@${registry.content.arm}`)];
    await client.ok(['index', 'append', ...parts, '-t', image(':index')]);
    expect(await client.ok(['digest', '--platform=linux/arm64', image(':index')])).toBe(registry.content.arm);
  });

  test('lists tags and the catalog', async () => {
    const tags = (await client.ok(['ls', image('')])).split('\n');
    expect(tags).toEqual(['1', 'all', 'first', 'index', 'many', 'more', 'mutated']);
    const catalog = (await client.ok(['catalog', registry.berth.host])).split('\n');
    expect(catalog).toEqual(['clients/all-tags', 'clients/copy', 'clients/crane']);
  });

  test('deletes a tag, and a manifest by its digest', async () => {
    await client.ok(['delete', image(':mutated')]);
    expect(await registry.digestOf('crane', 'mutated')).toBeUndefined();
    const digest = await client.ok(['digest', image(':more')]);
    await client.ok(['delete', image(`@${digest}`)]);
    expect(await registry.digestOf('crane', 'more')).toBeUndefined();
    expect(await registry.digestOf('crane', '1')).toBe(registry.content.image);
  });

  test('is denied without a login', async () => {
    await client.ok(['auth', 'logout', registry.berth.host]);
    expectRefused(await client.call(['digest', image(':1')]));
    expectRefused(await client.call(['push', '--index', registry.layout, image(':none')]));
  });
});
