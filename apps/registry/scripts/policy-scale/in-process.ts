import type { Access, RepositoryFacts } from '@berth/protocol';
import { parseRepositoryName } from '@berth/protocol';
import { runInNewContext } from 'node:vm';
import { setFlagsFromString } from 'node:v8';
import { setImmediate as arrival } from 'node:timers/promises';
import type { Parts } from '../../src/parts.ts';
import { secretOf, type Population } from './population.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

export type Tell = (what: string, figure: string) => void;

/** Decisions, and what it takes before the first one of a person. */
export async function measureInProcess(parts: Parts, population: Population, tell: Tell): Promise<void> {
  const { users, busy, joiner, repositories } = population;
  const facts = repositories.map(factsOf);
  const before = memory();
  await authenticateAll(parts, users.slice(2, 102));
  tell('1,000 own grants: first request', perRequest(await authenticateAll(parts, [busy])));
  tell('50 teams: first request', perRequest(await authenticateAll(parts, [joiner])));
  tell('everybody: first request of each', perRequest(await authenticateAll(parts, users)));
  const after = memory();
  tell('everybody: the next request of each', perRequest(await authenticateAll(parts, users)));
  tell(
    `memory of ${users.length} people`,
    `${after.rss - before.rss} MB resident, ${after.heap - before.heap} MB of objects`,
  );
  await changeOneGrant(parts, 'user:user-00002');
  tell('a grant to one user changed: request of each', perRequest(await authenticateAll(parts, users)));
  await changeOneGrant(parts, 'team:team-00000');
  tell('a grant to a team changed: request of each', perRequest(await authenticateAll(parts, users)));
  await changeOneGrant(parts, 'authenticated');
  tell('a grant to authenticated changed: of each', perRequest(await authenticateAll(parts, users)));
  for (const [who, user] of [
    ['an ordinary user', users[5]!],
    ['1,000 own grants', busy],
    ['50 teams', joiner],
  ] as const) {
    const access = await authenticate(parts, user);
    tell(`${who}: a decision`, decision(access, facts));
    if (user === busy)
      tell(`${who}: a decision where most rules match`, decision(access, worst(access, facts)));
  }
}

const factsOf = (name: string): RepositoryFacts => ({
  name: parseRepositoryName(name),
  visibility: 'private',
  exists: true,
});

/** The hundred repositories that took longest. */
function worst(access: Access, facts: readonly RepositoryFacts[]): RepositoryFacts[] {
  const timed = facts.map((repository) => {
    const start = process.hrtime.bigint();
    for (let count = 0; count < 20; count += 1) access.may(repository, 'push');
    return { repository, took: process.hrtime.bigint() - start };
  });
  return timed
    .sort((one, other) => Number(other.took - one.took))
    .slice(0, 100)
    .map(({ repository }) => repository);
}

function decision(access: Access, facts: readonly RepositoryFacts[]): string {
  const run = () => {
    const start = process.cpuUsage();
    const rounds = Math.ceil(100_000 / facts.length);
    for (let round = 0; round < rounds; round += 1) for (const each of facts) access.may(each, 'push');
    return cpuSince(start) / (rounds * facts.length);
  };
  run();
  return `${Math.min(run(), run(), run()).toFixed(2)} µs`;
}

/** Of each, in microseconds. */
async function authenticateAll(parts: Parts, users: readonly string[]): Promise<number> {
  collect();
  const start = process.cpuUsage();
  for (const user of users) {
    await authenticate(parts, user);
    await arrival();
  }
  return cpuSince(start) / users.length;
}

/** Microseconds of this process: what else runs on the machine is not counted. */
function cpuSince(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return user + system;
}

function authenticate({ tokenServer }: Parts, user: string): Promise<Access> {
  const authorization = `Basic ${Buffer.from(`${user}:${secretOf(user)}`).toString('base64')}`;
  return tokenServer.accessControl.authenticate({ authorization, address: '127.0.0.1', origin: '' }, []);
}

async function changeOneGrant({ tokenServer }: Parts, subject: string): Promise<void> {
  const route = tokenServer.adminRoutes.find(({ method, path }) => method === 'POST' && path === '/grants');
  const body = { effect: 'allow', subject, repository: 'changed/app', role: 'reader' };
  await route?.handle({ actor: tokenServer.localActor(), params: {}, query: {}, body });
}

const perRequest = (microseconds: number) => `${microseconds.toFixed(0)} µs`;

function memory(): { rss: number; heap: number } {
  collect();
  const { rss, heapUsed } = process.memoryUsage();
  return { rss: Math.round(rss / 1e6), heap: Math.round(heapUsed / 1e6) };
}
