import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { createProgram } from './program.ts';
import type { Hosts } from './hosts.ts';
import { cannedHandler, listen, type CannedAnswer } from './testing/canned-server.ts';
import { run } from './testing/hosts.ts';

const empty: CannedAnswer = { status: 200, body: { items: [] } };
const basic = (user: string, password: string) =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

describe('the server of this machine', () => {
  test('is opened for a command and closed after it, and gets no credentials', async () => {
    const { handler, requests } = cannedHandler([empty]);
    const ended = await run(['team', 'list'], {
      local: handler,
      environment: { user: 'alice', password: 'x' },
    });
    expect(ended).toMatchObject({ code: 0, stdout: 'There are none.\n', opened: 1, closed: 1 });
    expect(requests).toMatchObject([{ path: '/teams?n=1000', authorization: undefined }]);
  });

  test('is closed after an error too', async () => {
    const { handler } = cannedHandler([
      { status: 409, body: { errors: [{ code: 'CONFLICT', message: 'taken' }] } },
    ]);
    const ended = await run(['team', 'add', 'core'], { local: handler });
    expect(ended).toMatchObject({ code: 1, stderr: 'berth: taken\n', opened: 1, closed: 1 });
  });

  test.each([
    ['localhost:5000', 'docker login localhost:5000 -u alice'],
    [undefined, 'docker login <this registry> -u alice'],
  ])('with the address %s is named in how to log in', async (registryHost, text) => {
    const made = { id: 't1', secret: 'brt_1', owner: 'user:alice' };
    const { handler } = cannedHandler([{ status: 201, body: made }]);
    const openLocal: Hosts['openLocal'] = async () => ({ handler, registryHost, close: async () => {} });
    const ended = await run(['token', 'create', 'ci', '--user', 'alice'], { overrides: { openLocal } });
    expect(ended.stderr).toContain(text);
  });

  test('is not opened where the command was written wrongly', async () => {
    expect(await run(['audit', '--limit', '0'])).toMatchObject({ code: 2, opened: 0 });
  });

  test('gets the configuration file, and its failure is one line', async () => {
    const opened: unknown[] = [];
    const openLocal: Hosts['openLocal'] = async (options) => {
      opened.push(options);
      throw new Error('config.yml:3: no such key');
    };
    const ended = await run(['team', 'list', '--config', 'a.yml'], { overrides: { openLocal } });
    expect(opened).toEqual([{ config: 'a.yml' }]);
    expect(ended).toMatchObject({ code: 1, stdout: '', stderr: 'berth: config.yml:3: no such key\n' });
  });
});

describe('who one is elsewhere', () => {
  const cases = [
    ['a password', [], { user: 'alice', password: 'p' }, basic('alice', 'p')],
    ['a token', [], { token: 'brt_1' }, 'Bearer brt_1'],
    [
      'a token before a user of the environment',
      [],
      { token: 'brt_1', user: 'alice', password: 'p' },
      'Bearer brt_1',
    ],
    [
      'a written user before a token',
      ['--user', 'bob'],
      { token: 'brt_1', password: 'p' },
      basic('bob', 'p'),
    ],
    ['beyond ASCII', ['--user', 'bob'], { password: 'pä' }, basic('bob', 'pä')],
  ] as const;

  test.each(cases)('%s', async (_, args, environment, authorization) => {
    const { handler, requests } = cannedHandler([empty]);
    await using server = await listen(handler);
    const ended = await run([...args, 'team', 'list'], {
      environment: { ...environment, server: server.url },
    });
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(requests[0]?.authorization).toBe(authorization);
  });

  test('is asked for on a terminal, without showing it', async () => {
    const { handler, requests } = cannedHandler([empty]);
    await using server = await listen(handler);
    const args = ['team', 'list', '--server', `${server.url}/`, '--user', 'alice'];
    const ended = await run(args, { typed: ['geheim\r'] });
    expect(ended).toMatchObject({ code: 0, stderr: 'Password of alice: \n', raw: [true, false] });
    expect(requests[0]?.authorization).toBe(basic('alice', 'geheim'));
  });

  test('Ctrl-C at the question ends it and gives the terminal back', async () => {
    const args = ['team', 'list', '--server', 'http://127.0.0.1:1', '--user', 'alice'];
    const ended = await run(args, { typed: ['\u0003'] });
    expect(ended).toMatchObject({ code: 2, raw: [true, false] });
    expect(ended.stderr).toBe('Password of alice: \nberth: given up; nothing was changed\n');
  });

  test('both answers pasted at once are two answers', async () => {
    const { handler, requests } = cannedHandler([{ status: 201, body: {} }]);
    const ended = await run(['user', 'add', 'alice'], { local: handler, typed: ['one\r\none\r\n', ''] });
    expect(ended.code).toBe(0);
    expect(requests[0]?.body).toEqual({ name: 'alice', password: 'one' });
  });

  const wrong = [
    [
      ['--user', 'alice'],
      /there is no terminal to ask for the password of alice: put it into BERTH_PASSWORD/,
    ],
    [[], /^berth: who are you\? Give --user <name>/],
    [['--server', 'localhost:5000'], /--server localhost:5000: write it as http:\/\/host:5000/],
    [['--server', 'http://a:b@host'], /--server takes no password/],
  ] as const;

  test.each(wrong)('%j is told', async (args, message) => {
    const ended = await run([...args, 'team', 'list'], {
      environment: { server: 'http://127.0.0.1:1', ...(args[0] === '--server' ? { token: 'brt_1' } : {}) },
    });
    expect(ended).toMatchObject({ code: 2, stdout: '', opened: 0 });
    expect(ended.stderr).toMatch(message);
    expect(ended.stderr.trim().split('\n')).toHaveLength(1);
  });

  test('--user before `token` is who one is, after `create` it is whose token it will be', async () => {
    const { handler, requests } = cannedHandler([{ status: 201, body: { id: 't', secret: 'brt_2' } }]);
    await using server = await listen(handler);
    const args = [
      '--server',
      server.url,
      '--user',
      'admin',
      'token',
      'create',
      'ci',
      '--user',
      'alice',
      '--expires',
      '14d',
    ];
    const before = Date.now();
    expect(await run(args, { environment: { password: 'p' } })).toMatchObject({ code: 0, stdout: 'brt_2\n' });
    expect(requests[0]).toMatchObject({
      authorization: basic('admin', 'p'),
      body: { name: 'ci', user: 'alice' },
    });
    const body = requests[0]?.body as { expiresAt: string } | undefined;
    const days = (Date.parse(body?.expiresAt ?? '') - before) / 86_400_000;
    expect(days).toBeGreaterThanOrEqual(14);
    expect(days).toBeLessThan(14.01);
  });
});

describe('the server and its configuration', () => {
  const starts = [
    [['serve'], undefined],
    [['serve', '/etc/config.yml'], '/etc/config.yml'],
    [['serve', '--config', 'a.yml'], 'a.yml'],
    [['--config', 'a.yml', 'serve'], 'a.yml'],
    [['/etc/docker/registry/config.yml'], '/etc/docker/registry/config.yml'],
    [['config.yaml'], 'config.yaml'],
  ] as const;

  test.each(starts)('%j serves', async (args, config) => {
    const served: unknown[] = [];
    const ended = await run(args, { overrides: { serve: async (options) => void served.push(options) } });
    expect(served).toEqual([{ config }]);
    expect(ended).toMatchObject({ code: 0, stdout: '', stderr: '', opened: 0 });
  });

  test('a start that fails is one line', async () => {
    const serve = async () => {
      throw new Error('port 5000 is in use');
    };
    expect(await run(['serve'], { overrides: { serve } })).toMatchObject({
      code: 1,
      stderr: 'berth: port 5000 is in use\n',
    });
  });

  test('config check and show print what they are given', async () => {
    expect(await run(['config', 'check'])).toMatchObject({ code: 0, stdout: 'the configuration is right\n' });
    expect(await run(['config', 'show'])).toMatchObject({ code: 0, stdout: 'http:\n  addr: :5000\n' });
    const asJson = await run(['config', 'show', '--json']);
    expect(JSON.parse(asJson.stdout)).toEqual({ http: { addr: ':5000' } });
    expect(JSON.parse((await run(['--json', 'config', 'check'])).stdout)).toEqual({
      messages: ['the configuration is right'],
    });
  });

  test('config check fails with all that is wrong', async () => {
    const checkConfiguration = async () => {
      throw new Error('a.yml:1: one\na.yml:2: two');
    };
    const ended = await run(['config', 'check', 'a.yml'], { overrides: { checkConfiguration } });
    expect(ended).toMatchObject({ code: 1, stdout: '', stderr: 'berth: a.yml:1: one\na.yml:2: two\n' });
  });
});

describe('wrong usage and help', async () => {
  const mistakes = [
    [['usr', 'list'], "berth: unknown command 'usr' (Did you mean user?)\n"],
    [['us\u001b[31mr'], "berth: unknown command 'us\\u001b[31mr'\n"],
    [['user', 'add'], "berth: missing required argument 'name'\n"],
    [
      ['--server', '', 'user', 'list'],
      'berth: --server is empty: write it as http://host:5000 or https://host\n',
    ],
    [
      ['user', 'add', 'alice', '--password', 'x'],
      'berth: a password is never an argument: without it you are asked, or --password-stdin reads it\n',
    ],
    [
      ['user', 'password', '--password=secret'],
      'berth: a password is never an argument: without it you are asked, or --password-stdin reads it\n',
    ],
    [
      ['user', 'password', '--password-stdn'],
      "berth: unknown option '--password-stdn' (Did you mean --password-stdin?)\n",
    ],
    [
      ['team', 'list', 'more'],
      "berth: too many arguments for 'list'. Expected 0 arguments but got 1: more.\n",
    ],
  ] as const;

  test.each(mistakes)('%j', async (args, stderr) => {
    expect(await run(args)).toMatchObject({ code: 2, stdout: '', stderr, opened: 0 });
  });

  test('help of a command by its words', async () => {
    const [asked, help] = [await run(['help', 'grant', 'add']), await run(['grant', 'add', '--help'])];
    expect(asked).toEqual(help);
    expect(asked).toMatchObject({ code: 0, stdout: expect.stringContaining('Usage: berth grant add ') });
  });

  test('--version', async () => {
    expect(await run(['--version'])).toMatchObject({ code: 0, stdout: '1.2.3\n' });
  });

  const leaves = (command: Command, words: string[] = []): string[][] =>
    command.commands.length === 0
      ? [words]
      : command.commands.flatMap((child) => leaves(child, [...words, child.name()]));
  const all = leaves(await createProgram({} as Hosts));

  const groups = [
    ...new Set(all.flatMap((words) => words.slice(0, -1).map((_, at) => words.slice(0, at + 1).join(' ')))),
  ];

  test.each(groups)('berth %s --help has an example of its own', async (name) => {
    const { stdout } = await run([...name.split(' '), '--help']);
    const examples = /\nExamples?:\n([^]*)$/.exec(stdout)?.[1]?.trim().split('\n') ?? [];
    expect([1, 2]).toContain(examples.length);
    const words = all.map((words) => words.join(' '));
    for (const example of examples) {
      const starts = words.filter((start) => `${example.trim()} `.startsWith(`berth ${start} `));
      expect(starts, example).toHaveLength(1);
    }
  });

  test('there are the commands that people have learnt', () => {
    expect(all.map((words) => words.join(' '))).toEqual(
      expect.arrayContaining([
        'serve',
        'user add',
        'team member add',
        'grant add',
        'token create',
        'explain',
        'audit',
      ]),
    );
    expect(all.length).toBeGreaterThan(35);
  });

  test.each(all.map((words) => [words.join(' ')]))(
    'berth %s --help has an example and takes no secret',
    async (name) => {
      const { code, stdout } = await run([...name.split(' '), '--help']);
      expect(code).toBe(0);
      expect(stdout).toMatch(/Examples?:\n {2}.*berth /);
      expect(stdout).toContain(`berth ${name}`);
      expect(stdout).toContain('--json');
      expect(stdout).not.toMatch(/--(password|secret|token)[ =]?[<[]/);
    },
  );
});
