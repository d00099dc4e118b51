import { readFile, writeFile } from 'node:fs/promises';
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
import { sha256 } from './support/registry.ts';
import { noteType } from './support/layout.ts';
import { tool } from './support/require.ts';

const oras = await tool('oras');

describe.skipIf(!oras)('oras', { timeout }, () => {
  let registry: ClientRegistry;
  let client: Client;
  const image = (reference: string) => `${registry.name('oras')}${reference}`;
  const http = '--plain-http';

  beforeAll(async () => {
    registry = await startClientRegistry();
    client = clientOf(oras!['oras']!, registry.folder);
    await writeFile(join(registry.folder, 'words.txt'), 'words');
    await writeFile(join(registry.folder, 'bill.json'), '{"bill":"of materials"}');
  }, timeout);

  afterAll(() => registry?.remove(), timeout);

  testLogin(
    () => registry,
    () => client,
    () => ({
      login: ['login', http, '-u', registry.who.name, '--password-stdin', registry.berth.host],
      logout: ['logout', registry.berth.host],
    }),
  );

  test('pushes files and pulls them back', async () => {
    await client.ok(['push', http, '--artifact-type', noteType, image(':1,first'), 'words.txt:text/plain']);
    const back = join(registry.folder, 'back');
    await client.ok(['pull', http, '--output', back, image(':first')]);
    expect(await readFile(join(back, 'words.txt'), 'utf8')).toBe('words');
    expect(await client.ok(['resolve', http, image(':1')])).toBe(await registry.digestOf('oras', 'first'));
  });

  test('attaches an artifact, discovers and pulls it', async () => {
    await client.ok(['attach', http, '--artifact-type', 'application/x.bill', image(':1'), 'bill.json']);
    await client.ok(['attach', http, '--artifact-type', 'application/x.other', image(':1'), 'words.txt']);
    const subject = (await registry.digestOf('oras', '1'))!;
    const all = await registry.referrersOf('oras', subject);
    expect(all).toHaveLength(2);
    const discover = ['discover', http, '--format=json', '--artifact-type', 'application/x.bill'];
    const found = JSON.parse(await client.ok([...discover, image(':1')])) as {
      referrers: { digest: string; artifactType: string }[];
    };
    expect(found.referrers.map(({ artifactType }) => artifactType)).toEqual(['application/x.bill']);
    const back = join(registry.folder, 'bill');
    await client.ok(['pull', http, '--output', back, image(`@${found.referrers[0]!.digest}`)]);
    expect(await readFile(join(back, 'bill.json'), 'utf8')).toContain('of materials');
  });

  test('copies an artifact with its referrers to another repository', async () => {
    const to = registry.name('oras-copy');
    await client.ok(['cp', '-r', '--from-plain-http', '--to-plain-http', image(':1'), `${to}:1`]);
    const subject = (await registry.digestOf('oras', '1'))!;
    expect(await registry.digestOf('oras-copy', '1')).toBe(subject);
    const [copied, original] = await Promise.all([
      registry.referrersOf('oras-copy', subject),
      registry.referrersOf('oras', subject),
    ]);
    expect(copied).toEqual(original);
  });

  test('copies an index from a layout, and back with its referrers', async () => {
    const { content, layout } = registry;
    const copy = ['cp', '-r', '--from-oci-layout', '--to-plain-http'];
    await client.ok([...copy, `${layout}:many`, image(':many')]);
    expect(await registry.digestOf('oras', 'many')).toBe(content.index);
    expect(await registry.referrersOf('oras', content.image)).toEqual([content.note]);
    const back = join(registry.folder, 'layout-back');
    await client.ok(['cp', '-r', '--from-plain-http', '--to-oci-layout', image(':many'), `${back}:many`]);
    const note = join(back, 'blobs', 'sha256', content.note.slice('sha256:'.length));
    expect(sha256(await readFile(note))).toBe(content.note);
  });

  test('pushes, fetches and deletes a blob', async () => {
    const bytes = 'a blob of its own';
    await writeFile(join(registry.folder, 'blob'), bytes);
    const blob = image(`@${sha256(bytes)}`);
    await client.ok(['blob', 'push', http, blob, 'blob']);
    expect(await client.ok(['blob', 'fetch', http, '--output=-', blob])).toBe(bytes);
    expect(JSON.parse(await client.ok(['blob', 'fetch', http, '--descriptor', blob]))).toMatchObject({
      digest: sha256(bytes),
      size: bytes.length,
    });
    await client.ok(['blob', 'delete', http, '--force', blob]);
    expect((await client.call(['blob', 'fetch', http, '--descriptor', blob])).output).toMatch(/not found/);
  });

  test('pushes, fetches, tags and deletes a manifest', async () => {
    const raw = await client.ok(['manifest', 'fetch', http, image(':1')]);
    await writeFile(join(registry.folder, 'manifest.json'), raw);
    await client.ok(['manifest', 'push', http, image(':2,3'), 'manifest.json']);
    await client.ok(['tag', http, image(':2'), '4', '5']);
    expect(await client.ok(['repo', 'tags', http, image('')])).toBe('1\n2\n3\n4\n5\nfirst\nmany');
    const parts = [registry.content.image, registry.content.arm];
    await client.ok(['manifest', 'index', 'create', http, image(':index'), ...parts]);
    const [config] = await Promise.all([
      client.ok(['manifest', 'fetch-config', http, image(':index'), '--platform=linux/arm64']),
      client.ok(['manifest', 'delete', http, '--force', image(`@${registry.content.index}`)]),
    ]);
    expect(JSON.parse(config)).toMatchObject({ architecture: 'arm64' });
    expect(await registry.digestOf('oras', 'many')).toBeUndefined();
  });

  test('lists the repositories', async () => {
    const listed = await client.ok(['repo', 'ls', http, registry.berth.host]);
    expect(listed).toBe('clients/oras\nclients/oras-copy');
  });

  test('is denied without a login', async () => {
    await client.ok(['logout', registry.berth.host]);
    expectRefused(await client.call(['pull', http, image(':1')]));
    expectRefused(await client.call(['push', http, image(':none'), 'words.txt']));
  });
});
