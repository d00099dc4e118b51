import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { removeFolder, temporaryFolder } from '../support/temporary.ts';
import { unaudited } from './audited.ts';
import { startCrashing, type CrashingServer } from './child.ts';
import { CrashClient } from './client.ts';
import { Journal } from './journal.ts';

/** What a client does, in a repository of its own. */
export type Scenario = (client: CrashClient, repository: string) => Promise<void>;

const clean = {
  forgottenLinks: 0,
  forgottenBlobs: 0,
  unknownFiles: { count: 0, first: [] },
  damagedBlobs: { count: 0, first: [] },
};

/** Runs each scenario once, to see its steps, and then kills the server at each of them. */
export function describeKills(scenarios: Readonly<Record<string, Scenario>>): void {
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

  describe('killed at each step, the server loses nothing', () => {
    test.for(Object.entries(scenarios))('of %s', { timeout: 600_000 }, async ([name, scenario]) => {
      const steps = await stepsOf(server, name, scenario);
      for (let step = 1; step <= steps.length; step += 1) {
        const journal = new Journal();
        await server.crashAt(step);
        await scenario(new CrashClient(server.url, journal), repositoryOf(name, step)).catch(() => undefined);
        await server.kill();
        server = await startCrashing(folder);
        const where = `step ${step}, ${steps[step - 1]}`;
        expect(await journal.problems(server.url), where).toEqual([]);
        expect(await unaudited(server.url, repositoryOf(name, step)), where).toEqual([]);
      }
      const client = new CrashClient(server.url, new Journal());
      await client.collect();
      expect(await client.check()).toEqual(clean);
    });
  });
}

async function stepsOf(server: CrashingServer, name: string, scenario: Scenario): Promise<readonly string[]> {
  const journal = new Journal();
  await server.crashAt(0);
  await scenario(new CrashClient(server.url, journal), repositoryOf(name, 0));
  const steps = await server.steps();
  expect(await journal.problems(server.url)).toEqual([]);
  expect(steps.length, name).toBeGreaterThan(3);
  return steps;
}

const repositoryOf = (name: string, step: number) => `${name.replaceAll(/[^a-z]+/g, '-')}/crash-${step}`;
