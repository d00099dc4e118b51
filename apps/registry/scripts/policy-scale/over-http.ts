import { generateKeyPair, SignJWT } from 'jose';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { wrk, type Load } from '../../bench/wrk/wrk.ts';
import type { BerthProcess } from '../../test/support/berth-process.ts';
import type { Tell } from './in-process.ts';
import { passwordOf, secretOf, type Population } from './population.ts';

export interface Processes {
  /** Two on one database. */
  readonly here: BerthProcess;
  readonly there: BerthProcess;
  readonly folder: string;
  /** Of `admin`. */
  readonly password: string;
}

const seconds = 5;
const connections = 16;
const never = new AbortController().signal;
const basic = (user: string, secret: string) =>
  `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`;
const tokenPath = (repository: string) =>
  `/auth/token?service=berth&scope=repository:${repository}:pull,push`;

/** Tokens a second, and what a changed grant does to those who pull. */
export async function measureOverHttp(
  processes: Processes,
  population: Population,
  tell: Tell,
): Promise<void> {
  const { users, repositories } = population;
  const signing = await signingTime();
  const one = {
    url: `${processes.here.url}${tokenPath(repositories[0]!)}`,
    headers: { authorization: password(users[5]!) },
  };
  await warmUp(processes.here, users.slice(5, 6));
  tell('tokens with one password', await tokens(processes, one, signing));
  const thousand = users.slice(10, 1010);
  await warmUp(processes.here, thousand);
  const lines = thousand.map((user, index) => `${tokenPath(repositories[index]!)}\t${password(user)}`);
  const turns = await file(processes, 'passwords', lines);
  tell(
    'tokens with 1,000 passwords in turn',
    await tokens(processes, { url: processes.here.url, headers: {}, turns }, signing),
  );
  await measurePullers(processes, thousand, tell);
  tell('a changed grant decides the very next request', await nextRequests(processes, users[7]!));
  tell('resident memory of the server', await resident(processes.here));
}

const password = (user: string) => basic(user, passwordOf(user));

async function warmUp({ url }: BerthProcess, users: readonly string[]): Promise<void> {
  for (const user of users) {
    const answer = await fetch(`${url}${tokenPath('a/b')}`, { headers: { authorization: password(user) } });
    if (!answer.ok) throw new Error(`no token for ${user}: ${await answer.text()}`);
    await answer.body?.cancel();
  }
}

async function file({ folder }: Processes, name: string, lines: readonly string[]): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, `${lines.join('\n')}\n`);
  return path;
}

type Asked = Pick<Load, 'url' | 'headers' | 'turns'>;

/** A rate, and what one costs: the processor time of the server, which does not depend on what else runs. */
async function tokens({ here }: Processes, asked: Asked, signing: number): Promise<string> {
  const { rate, cost } = await rateOf(here, asked);
  return `${rate}/s; ${cost.toFixed(2)} ms of processor each, ${(cost - signing).toFixed(2)} ms without the signature`;
}

async function rateOf(
  server: BerthProcess,
  asked: Asked,
): Promise<{ rate: number; cost: number; p99: number }> {
  const before = await processorTime(server);
  const { requestsPerSecond, p99 } = await wrk({ ...asked, connections, seconds }, never);
  const spent = (await processorTime(server)) - before;
  return { rate: Math.round(requestsPerSecond), cost: spent / (requestsPerSecond * seconds), p99 };
}

/** In milliseconds, of all threads: fields 14 and 15 of /proc/<pid>/stat, in hundredths of a second. */
async function processorTime({ pid }: BerthProcess): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

async function resident({ pid }: BerthProcess): Promise<string> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return `${Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1000)} MB`;
}

/** Of one token as they are made, in milliseconds of processor. */
async function signingTime(): Promise<number> {
  const { privateKey } = await generateKeyPair('ES256');
  const sign = () => new SignJWT({ access: [] }).setProtectedHeader({ alg: 'ES256' }).sign(privateKey);
  for (let count = 0; count < 500; count += 1) await sign();
  const start = process.cpuUsage();
  for (let count = 0; count < 2000; count += 1) await sign();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 2000 / 1000;
}

/** A thousand people with a token each, while nothing changes, and while grants to others do. */
async function measurePullers(processes: Processes, people: readonly string[], tell: Tell): Promise<void> {
  const { here } = processes;
  const bearers = await Promise.all(people.map((user) => bearer(here, basic(user, secretOf(user)))));
  const turns = await file(
    processes,
    'bearers',
    bearers.map((token) => `/v2/\t${token}`),
  );
  const asked = { url: here.url, headers: {}, turns };
  await rateOf(here, asked);
  for (const perSecond of [0, 1, 10]) {
    const changes = changeGrants(processes, people, perSecond);
    const { rate, cost, p99 } = await rateOf(here, asked);
    await changes.stop();
    const made = perSecond === 0 ? '' : ` (${changes.made()} changes)`;
    tell(
      `1,000 with a token, ${perSecond} grants changed a second`,
      `${rate}/s, p99 ${p99.toFixed(0)} ms, ${cost.toFixed(3)} ms of processor each${made}`,
    );
  }
}

async function bearer({ url }: BerthProcess, authorization: string): Promise<string> {
  const answer = await fetch(`${url}${tokenPath('live/app')}`, { headers: { authorization } });
  return `Bearer ${((await answer.json()) as { token: string }).token}`;
}

/** Through the other process, as another node would. */
function changeGrants(processes: Processes, people: readonly string[], perSecond: number) {
  const end = new AbortController();
  let made = 0;
  const work = async () => {
    if (perSecond === 0) return;
    for (; !end.signal.aborted; made += 2) {
      const id = await makeGrant(processes, `user:${people[made % people.length]}`, `changed/app-${made}`);
      await sleep(1000 / perSecond);
      await removeGrant(processes, id);
    }
  };
  const running = work();
  // Told by stop(), when the measurement has ended.
  running.catch(() => {});
  return {
    made: () => made,
    stop: () => {
      end.abort();
      return running;
    },
  };
}

async function makeGrant(processes: Processes, subject: string, repository: string): Promise<string> {
  const answer = await api(processes, 'POST', '/grants', { subject, repository, role: 'reader' });
  return ((await answer.json()) as { id: string }).id;
}

const removeGrant = (processes: Processes, id: string) => api(processes, 'DELETE', `/grants/${id}`);

async function api(
  { there, password }: Processes,
  method: string,
  path: string,
  body?: object,
): Promise<Response> {
  const headers = { authorization: basic('admin', password), 'content-type': 'application/json' };
  const init = { method, headers, body: body === undefined ? null : JSON.stringify(body) };
  const answer = await fetch(`${there.url}/api/v1${path}`, init);
  if (!answer.ok) throw new Error(await answer.text());
  return answer;
}

/** In both processes, by a token from before: 404 where one may, since there is nothing, and 401 where one may not. */
async function nextRequests(processes: Processes, user: string): Promise<string> {
  const rounds = 50;
  const servers = [processes.here, processes.there];
  const authorization = basic(user, secretOf(user));
  const id = await makeGrant(processes, `user:${user}`, 'live/**');
  const token = await bearer(processes.here, authorization);
  await removeGrant(processes, id);
  let right = 0;
  for (let round = 0; round < rounds; round += 1) {
    const made = await makeGrant(processes, `user:${user}`, 'live/**');
    right += await countStatus(servers, token, 404);
    await removeGrant(processes, made);
    right += await countStatus(servers, token, 401);
  }
  return `${right} of ${rounds * 2 * servers.length} in two processes`;
}

async function countStatus(
  servers: readonly BerthProcess[],
  authorization: string,
  wanted: number,
): Promise<number> {
  const answers = await Promise.all(
    servers.map(async ({ url }) => {
      const answer = await fetch(`${url}/v2/live/app/manifests/1`, { headers: { authorization } });
      await answer.body?.cancel();
      return answer.status;
    }),
  );
  return answers.filter((status) => status === wanted).length;
}
