import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startCrashing, type CrashingServer } from './crash/child.ts';
import { CrashClient, freshContent } from './crash/client.ts';
import { Journal } from './crash/journal.ts';
import { removeFolder, temporaryFolder } from './support/temporary.ts';

let folder: string;
let server: CrashingServer;

beforeAll(async () => {
  folder = await temporaryFolder();
  server = await startCrashing(folder);
});

afterAll(async () => {
  await server.kill();
  await removeFolder(folder);
});

const clean = {
  forgottenLinks: 0,
  forgottenBlobs: 0,
  unknownFiles: { count: 0, first: [] },
  damagedBlobs: { count: 0, first: [] },
};

type Scenario = (client: CrashClient, repository: string) => Promise<void>;

const scenarios: Readonly<Record<string, Scenario>> = {
  async 'a push in three requests'(client, repository) {
    const config = await client.pushBlob(repository, freshContent());
    await client.putManifest(repository, 'v1', [config]);
  },
  async 'a push in one request, of a blob that another repository has, and a mount'(client, repository) {
    const config = await client.pushWhole(repository, freshContent());
    await client.pushBlob(`${repository}/copy`, config);
    await client.mount(repository, `${repository}/mounted`, config);
    await client.putManifest(`${repository}/copy`, 'v1', [config]);
  },
  async 'sessions that stay open and that are cancelled'(client, repository) {
    await client.pushHalf(repository, freshContent());
    await client.cancel(repository, freshContent());
  },
  async 'a tag that is moved and deleted'(client, repository) {
    const config = await client.pushWhole(repository, freshContent());
    for (let round = 0; round < 2; round += 1) await client.putManifest(repository, 'latest', [config]);
    await client.deleteTag(repository, 'latest');
  },
  async 'a manifest that is deleted, and the collection of its blobs'(client, repository) {
    const blobs = [await client.pushWhole(repository, freshContent()), freshContent()] as const;
    await client.pushWhole(repository, blobs[1]);
    const manifest = await client.putManifest(repository, 'v1', [...blobs]);
    await client.putManifest(repository, 'v2', [blobs[0]]);
    await client.deleteTag(repository, 'v1');
    await client.deleteManifest(repository, manifest, [blobs[1]]);
    await client.collect();
  },
};

describe('killed at each step, the server loses nothing', () => {
  test.for(Object.entries(scenarios))('of %s', { timeout: 300_000 }, async ([name, scenario]) => {
    const first = new Journal();
    await server.crashAt(0);
    await scenario(new CrashClient(server.url, first), 'whole');
    const steps = await server.steps();
    expect(await first.problems(server.url)).toEqual([]);
    expect(steps.length, name).toBeGreaterThan(5);

    for (let step = 1; step <= steps.length; step += 1) {
      const journal = new Journal();
      await server.crashAt(step);
      const client = new CrashClient(server.url, journal);
      await scenario(client, `${Object.keys(scenarios).indexOf(name)}/crash-${step}`).catch(ignore);
      await server.kill();
      server = await startCrashing(folder);
      expect(await journal.problems(server.url), `step ${step}, ${steps[step - 1]}`).toEqual([]);
    }
    const client = new CrashClient(server.url, new Journal());
    await client.collect();
    expect(await client.check()).toEqual(clean);
  });
});

function ignore(): void {}
