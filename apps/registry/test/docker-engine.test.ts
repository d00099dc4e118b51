import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DockerClient, type DockerEngine, startDockerEngine } from './support/docker-engine.ts';
import { buildImage, removeImages } from './support/image.ts';
import { tool } from './support/require.ts';

const docker = await tool('docker');

describe.skipIf(!docker)('engines of their own', { timeout: 120_000 }, () => {
  const engines: DockerEngine[] = [];
  let one: DockerClient;
  let other: DockerClient;

  beforeAll(async () => {
    engines.push(...(await Promise.all([startDockerEngine(docker!), startDockerEngine(docker!)])));
    one = await engines[0]!.client('somebody');
    other = await engines[1]!.client('somebody');
  }, 120_000);

  afterAll(async () => {
    await Promise.all(engines.map((engine) => engine.stop()));
  }, 60_000);

  test('build and run an image', async () => {
    await buildImage(one, 'app:1', 'hello');
    expect(await one.dockerOk(['run', '--rm', '--network', 'none', 'app:1'])).toBe('hello');
  });

  test('know nothing of each other', async () => {
    expect(await other.dockerOk(['image', 'ls', '--quiet'])).toBe('');
  });

  test('build siblings that share their first layer', async () => {
    await buildImage(one, 'app:2', 'sibling');
    const layers = async (image: string) =>
      JSON.parse(
        await one.dockerOk(['image', 'inspect', '--format', '{{json .RootFS.Layers}}', image]),
      ) as string[];
    const [first, second] = [await layers('app:1'), await layers('app:2')];
    expect(second[0]).toBe(first[0]);
    expect(second[1]).not.toBe(first[1]);
  });

  test('forget their images', async () => {
    await removeImages(one);
    expect(await one.dockerOk(['image', 'ls', '--all', '--quiet'])).toBe('');
  });
});
