import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cannedHandler, listen } from '../testing/canned-server.ts';
import { lines, no, ok } from '../testing/commands.ts';
import { run } from '../testing/hosts.ts';

const bcrypt = '$2y$05$9pzTaCRKzjJUE9siUQTxjejNGdu302DAQXIozDt8boGarDUVLubsW';

let folder: string;

beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'berth-import-'))));
afterAll(() => rm(folder, { recursive: true }));

async function importFile(text: string, answers: Parameters<typeof cannedHandler>[0], ...more: string[]) {
  const file = join(folder, 'htpasswd');
  await writeFile(file, text);
  const { handler, requests } = cannedHandler(answers);
  await using server = await listen(handler);
  const environment = { server: server.url, user: 'admin', password: 'secret' };
  const ended = await run(['user', 'import', file, ...more], { environment });
  return { ...ended, asked: requests.map(({ method, path, body }) => [`${method} ${path}`, body]) };
}

test('every line of the file becomes a user', async () => {
  const text = `# made by htpasswd -B\n\nalice:${bcrypt}\r\nbob:${bcrypt}\n`;
  const ended = await importFile(text, [ok({}, 201), ok({}, 201)]);
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  expect(ended.stdout).toBe(lines('NAME    RESULT', 'alice   imported', 'bob     imported'));
  expect(ended.asked).toEqual([
    ['POST /users', { name: 'alice', passwordHash: bcrypt }],
    ['POST /users', { name: 'bob', passwordHash: bcrypt }],
  ]);
});

test('what cannot be a user is said and skipped, and the others go on', async () => {
  const text = lines(`Alice:${bcrypt}`, 'md5:$apr1$abc$def', 'nothing', `taken:${bcrypt}`, `bob:${bcrypt}`);
  const ended = await importFile(
    text,
    [no(409, 'CONFLICT', 'the name taken is taken'), ok({}, 201)],
    '--json',
  );
  expect(ended.code).toBe(1);
  expect(ended.stderr).toBe('berth: skipped: 4 of 5\n');
  expect(JSON.parse(ended.stdout)).toEqual({
    items: [
      { name: 'Alice', imported: false, reason: expect.stringContaining('lower-case') },
      { name: 'md5', imported: false, reason: expect.stringContaining('htpasswd -B') },
      { name: 'nothing', imported: false, reason: expect.stringContaining('htpasswd -B') },
      { name: 'taken', imported: false, reason: 'the name taken is taken' },
      { name: 'bob', imported: true },
    ],
  });
  expect(ended.stdout).not.toContain('$');
});

test('a file that is not there', async () => {
  const ended = await run(['user', 'import', join(folder, 'absent')]);
  expect(ended).toMatchObject({ code: 2, stdout: '' });
  expect(ended.stderr).toContain('absent cannot be read (ENOENT)');
});
