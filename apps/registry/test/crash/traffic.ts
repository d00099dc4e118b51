import { setTimeout as sleep } from 'node:timers/promises';
import { startCrashing, type CrashingServer } from './child.ts';
import { CrashClient, freshContent } from './client.ts';
import { Journal } from './journal.ts';

/** Clients that push, move tags, delete and collect at the same time. */
const clients = 6;

export interface KillReport {
  readonly rounds: number;
  /** What clients did in all rounds, answered or not. */
  readonly requests: number;
  /** Milliseconds from the start of the process until the port was open, at most. */
  readonly slowestStart: number;
  readonly problems: readonly string[];
}

/**
 * Kills a server at a random moment of mixed traffic, starts it again and compares it with what the clients know;
 * again and again on one folder, which grows.
 */
export async function killRepeatedly(folder: string, rounds: number): Promise<KillReport> {
  const problems: string[] = [];
  let requests = 0;
  let slowestStart = 0;
  let server = await startCrashing(folder);
  for (let round = 1; round <= rounds; round += 1) {
    const journals = Array.from({ length: clients }, () => new Journal());
    const working = journals.map((journal, index) => work(server, journal, `team-${index}/round-${round}`));
    await sleep(200 + Math.random() * 1_500);
    await server.kill();
    requests += (await Promise.all(working)).reduce((sum, done) => sum + done, 0);
    server = await startCrashing(folder);
    slowestStart = Math.max(slowestStart, server.startTime);
    for (const journal of journals) {
      const found = await journal.problems(server.url);
      problems.push(...found.map((problem) => `round ${round}: ${problem}`));
    }
  }
  const left = await new CrashClient(server.url, new Journal()).check();
  if (JSON.stringify(left) !== nothingLeft) problems.push(`the check found ${JSON.stringify(left)}`);
  await server.kill();
  return { rounds, requests, slowestStart, problems };
}

const nothingLeft = JSON.stringify({
  forgottenLinks: 0,
  forgottenBlobs: 0,
  unknownFiles: { count: 0, first: [] },
  damagedBlobs: { count: 0, first: [] },
});

/** Until the server ends. Answers how much was begun. */
async function work(server: CrashingServer, journal: Journal, repository: string): Promise<number> {
  const client = new CrashClient(server.url, journal);
  let begun = 0;
  try {
    for (;;) {
      begun += 1;
      await doSomething(client, repository, begun);
    }
  } catch {
    return begun;
  }
}

async function doSomething(client: CrashClient, repository: string, turn: number): Promise<void> {
  const shared = await client.pushWhole(repository, freshContent(2_000));
  const layer = await client.pushBlob(repository, freshContent(200_000));
  const image = await client.putManifest(repository, 'latest', [shared, layer]);
  await client.mount(repository, `${repository}/copy`, layer);
  await client.putManifest(repository, `v${turn}`, [shared]);
  await client.putManifest(repository, 'latest', [shared]);
  await client.pushHalf(repository, freshContent());
  await client.cancel(repository, freshContent());
  await client.deleteTag(repository, `v${turn}`);
  if (turn % 2 === 0) await client.deleteManifest(repository, image, [layer]);
  if (turn % 3 === 0) await client.collectCarefully();
}
