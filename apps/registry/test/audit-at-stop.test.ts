import { join } from 'node:path';
import { openDatabase } from '@berth/database';
import { afterEach, expect, test } from 'vitest';
import { startBerth, type BerthProcess } from './support/berth-process.ts';
import { basic } from './support/registry-client.ts';
import { removeFolder, temporaryFolder } from './support/temporary.ts';

const password = 'a-password-of-our-own';
const alice = { name: 'alice', password: 'a-password-of-alice' };
const timeout = 180_000;

const running: BerthProcess[] = [];
let root: string;

afterEach(async () => {
  for (const berth of running.splice(0)) await berth.stop();
  await removeFolder(root);
}, timeout);

async function start(): Promise<BerthProcess> {
  const berth = await startBerth({ folder: join(root, 'data'), env: { BERTH_ADMIN_PASSWORD: password } });
  running.push(berth);
  return berth;
}

async function call(berth: BerthProcess, path: string, who = { name: 'admin', password }, body?: object) {
  const answer = await fetch(`${berth.url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: basic(who), 'content-type': 'application/json' },
    body: body === undefined ? null : JSON.stringify(body),
  });
  return { status: answer.status, text: await answer.text() };
}

interface Events {
  readonly items: readonly { readonly repository: string }[];
}

test('what was denied just before SIGTERM is in the audit after the next start', { timeout }, async () => {
  root = await temporaryFolder();
  const first = await start();
  expect((await call(first, '/api/v1/users', undefined, alice)).status).toBe(201);
  const names = Array.from({ length: 50 }, (_, index) => `team/app${index}`);
  const denied = names.map((name) => call(first, `/v2/${name}/tags/list`, alice));
  expect(new Set((await Promise.all(denied)).map(({ status }) => status))).toEqual(new Set([401]));
  expect(await first.stop('SIGTERM')).toMatchObject({ code: 0, signal: null });

  const second = await start();
  const { text } = await call(
    second,
    '/api/v1/audit?subject=alice&outcome=denied&action=registry.pull&n=1000',
  );
  const { items } = JSON.parse(text) as Events;
  expect(items.map(({ repository }) => repository).sort()).toEqual(names.sort());
});

test('a flood of denials is in the audit whole', { timeout }, async () => {
  root = await temporaryFolder();
  const berth = await start();
  await call(berth, '/api/v1/users', undefined, alice);
  const authorization = `Bearer ${await tokenOf(berth)}`;
  const deny = () => fetch(`${berth.url}/v2/team/app/tags/list`, { headers: { authorization } });
  for (let round = 0; round < 50; round += 1) {
    const answers = await Promise.all(Array.from({ length: 40 }, deny));
    for (const answer of answers) await answer.arrayBuffer();
  }
  await berth.stop('SIGTERM');
  const database = await openDatabase<{ audit: { id: number; action: string; actor: string } }>(
    join(root, 'data', 'berth.db'),
  );
  const rows = await database.reader.selectFrom('audit').select('id').where('actor', '=', 'alice').execute();
  await database.close();
  expect(rows).toHaveLength(2000);
});

async function tokenOf(berth: BerthProcess): Promise<string> {
  const { text } = await call(berth, '/auth/token?service=berth', alice);
  return (JSON.parse(text) as { token: string }).token;
}
