import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openShell, readInline, readRecipes, readShown, type Shell } from './recipes/document.ts';
import { startBerth, type BerthProcess, type Person } from './support/berth-process.ts';
import { basic, catalogOf, fetchToken } from './support/registry-client.ts';
import { imageManifest, imageType, sha256 } from './support/registry.ts';
import { removeFolder, temporaryFolder } from './support/temporary.ts';
import { until } from './support/waiting.ts';

/** The recipes of `docs/access.md`, typed as they are written there; then what they gave, and what they did not. */
const recipes = await readRecipes();
const timeout = 120_000;
const password = 'correct horse battery';
const admin: Person = { name: 'admin', password };
const alice: Person = { name: 'alice', password };
const bob: Person = { name: 'bob', password };
const one = imageManifest('{}', [], { annotations: { note: 'one' } });
const two = imageManifest('{}', [], { annotations: { note: 'two' } });

let berth: BerthProcess;
let folder: string;
let shell: Shell;

beforeAll(async () => {
  folder = await temporaryFolder();
  berth = await startBerth({ env: { BERTH_ADMIN_PASSWORD: password } });
  shell = await openShell(berth, folder, { password, files: { 'first-password.txt': `${password}\n` } });
  for (const { name } of [alice, bob]) await api(admin, 'POST', '/users', { name, password });
  for (const name of ['alice/tool', 'alice/other', 'team/app', 'team/old', 'public/tool', 'secret/app']) {
    await addBlob(admin, name);
    expect(await put(admin, name, '1', one)).toBe(201);
  }
  const grant = { subject: 'user:alice', repository: 'team/*', role: 'writer' };
  await api(admin, 'POST', '/grants', grant);
}, timeout);

afterAll(async () => {
  await berth?.remove();
  await removeFolder(folder);
}, timeout);

async function api(who: Person, method: string, path: string, body?: object): Promise<any> {
  const headers = { authorization: basic(who), 'content-type': 'application/json' };
  const init = { method, headers, body: body === undefined ? null : JSON.stringify(body) };
  const answer = await fetch(`${berth.url}/api/v1${path}`, init);
  const text = await answer.text();
  return { status: answer.status, ...(text !== '' && { body: JSON.parse(text) }) };
}

/** As a client does it: a token for what it wants to do, then the request. */
async function send(who: Person | undefined, method: string, path: string, body?: string): Promise<number> {
  const name = path.replace(/\/(manifests|blobs|tags)\/.*/, '');
  const actions = method === 'GET' ? 'pull' : method === 'DELETE' ? 'delete' : 'pull,push';
  const token = await fetchToken(berth, `repository:${name}:${actions}`, who);
  return sendWith(token, method, path, body);
}

async function sendWith(token: string, method: string, path: string, body?: string): Promise<number> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': imageType };
  const answer = await fetch(`${berth.url}/v2/${path}`, { method, headers, body: body ?? null });
  await answer.arrayBuffer();
  return answer.status;
}

const addBlob = (who: Person, name: string) =>
  send(who, 'POST', `${name}/blobs/uploads/?digest=${sha256('{}')}`, '{}');
const put = (who: Person | undefined, name: string, tag: string, image: string) =>
  send(who, 'PUT', `${name}/manifests/${tag}`, image);
const pull = (who: Person | undefined, name: string, tag = '1') =>
  send(who, 'GET', `${name}/manifests/${tag}`);
const remove = (who: Person, name: string, tag: string) => send(who, 'DELETE', `${name}/manifests/${tag}`);

/** One block of a recipe, or all of them. */
async function cook(title: string, index?: number): Promise<string> {
  const blocks = recipes.get(title) ?? [];
  expect(blocks.length).toBeGreaterThan(0);
  const chosen = index === undefined ? blocks : blocks.slice(index, index + 1);
  const printed: string[] = [];
  for (const block of chosen) printed.push(await shell.paste(block));
  return printed.join('');
}

function secretIn(printed: string, name: string): Person {
  const secret = /^brt_\w{36}$/m.exec(printed)?.[0];
  expect(secret).toBeDefined();
  return { name, password: secret ?? '' };
}

test('all that the page has is tried here', () => {
  expect([...recipes].map(([title, blocks]) => [title, blocks.length])).toEqual([
    ['Share a repository', 2],
    ['A CI robot that only adds tags', 1],
    ['A read-only deploy token', 1],
    ['A contractor for two weeks', 1],
    ['Somebody leaves', 1],
    ['Public images', 2],
  ]);
});

test('what explain says is what the page shows', { timeout }, async () => {
  const { command, output } = await readShown();
  const given = await shell.paste('berth grant add bob reader team/app');
  const id = /^Grant (\w+):/.exec(given)?.[1] ?? '';
  expect(await shell.paste(command)).toBe(output.replace(/grant \w{8} /, `grant ${id} `));
  await shell.paste(`berth grant rm ${id}`);
});

describe('Share a repository', { timeout }, () => {
  test('with bob, by its owner', async () => {
    expect(await pull(bob, 'alice/tool')).toBe(401);
    const printed = await cook('Share a repository', 0);
    expect(await pull(bob, 'alice/tool')).toBe(200);
    expect(await put(bob, 'alice/tool', '2', two)).toBe(401);
    expect(await pull(bob, 'alice/other')).toBe(401);
    expect(await pull(undefined, 'alice/tool')).toBe(401);
    expect(await catalogOf(berth, bob)).toEqual(['alice/tool']);
    const id = /^Grant (\w+):/.exec(printed)?.[1] ?? '';
    expect(await shell.paste(`berth grant list`)).toContain(id);
    await shell.paste(`berth grant rm ${id}`);
    expect(await pull(bob, 'alice/tool')).toBe(401);
  });

  test('with a team', async () => {
    expect(await pull(bob, 'team/app')).toBe(401);
    await cook('Share a repository', 1);
    expect(await pull(bob, 'team/app')).toBe(200);
    expect(await put(bob, 'team/app', 'by-bob', two)).toBe(201);
    expect(await put(bob, 'team/app', 'by-bob', one)).toBe(201);
    expect(await addBlob(bob, 'team/deep/new')).toBe(201);
    expect(await remove(bob, 'team/app', 'by-bob')).toBe(401);
    expect(await pull(bob, 'secret/app')).toBe(401);
    await shell.paste('berth team member rm core bob');
    expect(await pull(bob, 'team/app')).toBe(401);
  });
});

test('A CI robot that only adds tags', { timeout }, async () => {
  const robot = secretIn(await cook('A CI robot that only adds tags'), 'team-ci');
  expect(await addBlob(robot, 'team/fresh')).toBe(201);
  expect(await put(robot, 'team/fresh', '1', one)).toBe(201);
  expect(await put(robot, 'team/fresh', '1', one)).toBe(201);
  expect(await put(robot, 'team/fresh', '1', two)).toBe(403);
  expect(await put(robot, 'team/fresh', '2', two)).toBe(201);
  expect(await put(robot, 'team/old', '1', two)).toBe(403);
  expect(await remove(robot, 'team/fresh', '1')).toBe(401);
  expect(await remove(robot, 'team/fresh', sha256(one))).toBe(401);
  expect(await pull(robot, 'team/app')).toBe(200);
  expect(await pull(robot, 'secret/app')).toBe(401);
  expect(await addBlob(robot, 'other/new')).toBe(401);
  await shell.paste(await readInline('berth grant add robot:team-ci overwrite'));
  expect(await put(robot, 'team/fresh', 'latest', one)).toBe(201);
  expect(await put(robot, 'team/fresh', 'latest', two)).toBe(201);
  expect(await put(robot, 'team/fresh', '1', two)).toBe(403);
  const { body } = await api(admin, 'GET', '/tokens?robot=team-ci');
  expectToEndIn(90, body.items[0].expiresAt);
});

test('A read-only deploy token', { timeout }, async () => {
  const printed = await cook('A read-only deploy token');
  const token = secretIn(printed, 'alice');
  expect(await pull(token, 'team/app')).toBe(200);
  expect(await put(alice, 'team/app', 'by-alice', two)).toBe(201);
  expect(await put(token, 'team/app', 'by-token', two)).toBe(401);
  for (const name of ['team/old', 'alice/tool', 'secret/app']) expect(await pull(token, name)).toBe(401);
  expect(await catalogOf(berth, token)).toEqual(['team/app']);
  expect((await api(token, 'GET', '/repositories/team/app/-/tags')).status).toBe(200);
  expect((await api(token, 'POST', '/tokens', { name: 'another' })).status).toBe(403);
  const more = { subject: 'user:bob', repository: 'alice/tool', role: 'reader' };
  expect((await api(token, 'POST', '/grants', more)).status).toBe(403);
  const explained = { repository: 'team/app', actions: ['push'] };
  expect((await api(token, 'POST', '/explain', explained)).body.actions.push.reason).toContain('limited');
  const { body } = await api(alice, 'GET', '/tokens');
  expectToEndIn(52 * 7, body.items[0].expiresAt);
  await shell.paste(`berth token rm ${body.items[0].id}`);
  expect((await api(token, 'GET', '/me')).status).toBe(401);
});

describe('A contractor for two weeks', { timeout }, () => {
  const carl: Person = { name: 'carl', password };

  test('may, for that time', async () => {
    await cook('A contractor for two weeks');
    expect(await pull(carl, 'team/app')).toBe(200);
    expect(await put(carl, 'team/app', 'by-carl', two)).toBe(201);
    expect(await put(carl, 'team/app', 'by-carl', one)).toBe(201);
    expect(await remove(carl, 'team/app', 'by-carl')).toBe(401);
    expect(await pull(carl, 'team/old')).toBe(401);
    const { body } = await api(admin, 'GET', '/grants?subject=user:carl');
    expect(body.items).toHaveLength(1);
    expectToEndIn(14, body.items[0].expiresAt);
  });

  test('and not after it, with a token from before either', async () => {
    const dora: Person = { name: 'dora', password };
    const [block = ''] = recipes.get('A contractor for two weeks') ?? [];
    const [add = '', give = ''] = block.replaceAll('carl', 'dora').split('\n');
    const before = Date.now();
    await shell.paste(add);
    const commandTime = Date.now() - before;
    const end = new Date(Date.now() + 5000 + 2 * commandTime).toISOString();
    await shell.paste(give.replace('2w', end));
    const token = await fetchToken(berth, 'repository:team/app:pull', dora);
    const show = () => sendWith(token, 'GET', 'team/app/manifests/1');
    expect(await show()).toBe(200);
    await until('the end of the grant', async () => ((await show()) === 200 ? undefined : true), timeout);
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(end));
    expect([await show(), await pull(dora, 'team/app')]).toEqual([401, 401]);
  });

  test('and may be locked out before', async () => {
    const token = await fetchToken(berth, 'repository:team/app:pull', carl);
    await shell.paste('berth user disable carl');
    expect(await sendWith(token, 'GET', 'team/app/manifests/1')).toBe(401);
  });
});

test('Public images', { timeout }, async () => {
  expect([await pull(undefined, 'public/tool'), await pull(undefined, 'team/app')]).toEqual([401, 401]);
  await cook('Public images', 0);
  expect([await pull(undefined, 'public/tool'), await pull(undefined, 'team/app')]).toEqual([200, 401]);
  await addBlob(admin, 'public/later');
  expect(await put(admin, 'public/later', '1', one)).toBe(201);
  expect(await pull(undefined, 'public/later')).toBe(200);
  await cook('Public images', 1);
  expect(await pull(undefined, 'team/app')).toBe(200);
  expect(await catalogOf(berth)).toEqual(['public/later', 'public/tool', 'team/app']);
  expect(await put(undefined, 'public/tool', '2', two)).toBe(401);
  expect(await put(bob, 'public/tool', '2', two)).toBe(401);
  expect(await pull(undefined, 'secret/app')).toBe(401);
});

test('Somebody leaves', { timeout }, async () => {
  await shell.paste('berth robot add bob-ci "bob/**"');
  expect(await addBlob(bob, 'bob/tool')).toBe(201);
  expect(await put(bob, 'bob/tool', '1', one)).toBe(201);
  const token = await fetchToken(berth, 'repository:bob/tool:pull', bob);
  expect((await api(bob, 'POST', '/tokens', { name: 'laptop' })).status).toBe(201);
  const printed = await cook('Somebody leaves');
  expect(printed).toContain('token.create');
  expect(await sendWith(token, 'GET', 'bob/tool/manifests/1')).toBe(401);
  const names = async (list: string) =>
    (await api(admin, 'GET', list)).body.items.map(({ name }: { name: string }) => name);
  expect([await names('/users'), await names('/robots')].flat()).not.toEqual(
    expect.arrayContaining([expect.stringMatching(/^bob/)]),
  );
  expect(await pull(admin, 'bob/tool')).toBe(200);
});

/** Within a day. */
function expectToEndIn(days: number, when: string): void {
  expect((Date.parse(when) - Date.now()) / 86_400_000).toBeCloseTo(days, 0);
}
