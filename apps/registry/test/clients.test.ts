import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BerthProcess, startBerth } from './support/berth-process.ts';
import { type CommandResult, run } from './support/command.ts';
import { writeLayout } from './support/image.ts';
import { type Tool, tool } from './support/require.ts';
import { removeFolder, temporaryFolder } from './support/temporary.ts';

const skopeo = await tool('skopeo');
const podman = await tool('podman');
const crane = await tool('crane');

const password = 'a-password-of-the-clients';
const timeout = 120_000;
let berth: BerthProcess;
let folder: string;
let layout: string;
let digest: string;
let token: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  layout = join(folder, 'layout');
  await mkdir(layout);
  digest = await writeLayout(layout, 'hello');
  berth = await startBerth({ env: { BERTH_ADMIN_PASSWORD: password } });
  token = await personalAccessToken();
}, timeout);

afterAll(async () => {
  await berth?.remove();
  await removeFolder(folder);
}, timeout);

async function personalAccessToken(): Promise<string> {
  const answer = await fetch(`${berth.url}/api/v1/tokens`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ name: 'clients' }),
  });
  expect(answer.status).toBe(201);
  return ((await answer.json()) as { secret: string }).secret;
}

/** A client with a home of its own, so that no login of this machine is used. */
function caller(tool: Tool | undefined, name: string, fixed: () => string[] = () => []) {
  const home = () => join(folder, name);
  const call = async (args: readonly string[], input = ''): Promise<CommandResult> => {
    await mkdir(join(home(), 'run'), { recursive: true });
    const env = {
      PATH: process.env['PATH'],
      HOME: home(),
      DOCKER_CONFIG: home(),
      REGISTRY_AUTH_FILE: join(home(), 'auth.json'),
      XDG_RUNTIME_DIR: join(home(), 'run'),
    };
    return run(tool![name]!, [...fixed(), ...args], { env, input, cwd: folder, timeout });
  };
  const ok = async (args: readonly string[], input?: string): Promise<string> => {
    const result = await call(args, input);
    if (result.code !== 0)
      throw new Error(`${name} ${args.join(' ')} ended with ${result.code}:\n${result.output}`);
    return result.stdout.trim();
  };
  return { call, ok };
}

describe.skipIf(!skopeo)('skopeo', { timeout }, () => {
  const { call, ok } = caller(skopeo, 'skopeo', () => ['--insecure-policy']);
  const image = () => `docker://${berth.host}/clients/skopeo:1`;

  test('is refused with a wrong password', async () => {
    const result = await call(
      ['login', '--tls-verify=false', '-u', 'admin', '--password-stdin', berth.host],
      'wrong',
    );
    expect(result.code).not.toBe(0);
    expect(result.output).toMatch(/unauthorized|invalid username\/password/i);
  });

  test('logs in with a token', async () => {
    const said = await ok(
      ['login', '--tls-verify=false', '-u', 'admin', '--password-stdin', berth.host],
      token,
    );
    expect(said).toContain('Login Succeeded!');
  });

  test('copies an image there and back with its digest', async () => {
    await ok(['copy', '--dest-tls-verify=false', `oci:${layout}:1`, image()]);
    const back = join(folder, 'skopeo-back');
    await ok(['copy', '--src-tls-verify=false', '--preserve-digests', image(), `oci:${back}:1`]);
    expect(await ok(['inspect', '--format', '{{.Digest}}', `oci:${back}:1`])).toBe(digest);
  });

  test('inspects it and lists its tags', async () => {
    expect(await ok(['inspect', '--tls-verify=false', '--format', '{{.Digest}}', image()])).toBe(digest);
    const listed = JSON.parse(await ok(['list-tags', '--tls-verify=false', image().replace(/:1$/, '')])) as {
      Tags: string[];
    };
    expect(listed.Tags).toEqual(['1']);
  });

  test('is denied without a login', async () => {
    await ok(['logout', berth.host]);
    const result = await call(['inspect', '--tls-verify=false', image()]);
    expect(result.code).not.toBe(0);
    expect(result.output).toMatch(/unauthorized|denied/i);
  });
});

describe.skipIf(!podman)('podman', { timeout }, () => {
  const storage = () => [
    `--root=${join(folder, 'containers')}`,
    `--runroot=${join(folder, 'containers-run')}`,
  ];
  const { call, ok } = caller(podman, 'podman', () => [
    ...storage(),
    '--storage-driver=vfs',
    '--cgroup-manager=cgroupfs',
  ]);
  const image = () => `${berth.host}/clients/podman:1`;

  test('logs in with a token', async () => {
    const said = await ok(
      ['login', '--tls-verify=false', '-u', 'admin', '--password-stdin', berth.host],
      token,
    );
    expect(said).toContain('Login Succeeded!');
  });

  test('pushes an image and pulls it back with its digest', async () => {
    const id = await ok(['pull', '--quiet', `oci:${layout}:1`]);
    const digestFile = join(folder, 'podman-digest');
    await ok(['push', '--quiet', '--tls-verify=false', `--digestfile=${digestFile}`, id, image()]);
    await ok(['rmi', '--all', '--force']);
    expect(await ok(['pull', '--quiet', '--tls-verify=false', image()])).toBe(id);
    expect(await ok(['image', 'inspect', '--format', '{{.Digest}}', image()])).toBe(
      await pushedDigest('clients/podman'),
    );
  });

  test('lists its tags', async () => {
    const listed = await ok(['search', '--tls-verify=false', '--list-tags', image().replace(/:1$/, '')]);
    expect(listed).toMatch(/clients\/podman\s+1$/);
  });

  test('is denied without a login', async () => {
    await ok(['logout', berth.host]);
    const result = await call(['pull', '--quiet', '--tls-verify=false', image()]);
    expect(result.code).not.toBe(0);
    expect(result.output).toMatch(/unauthorized|denied/i);
  });
});

describe.skipIf(!crane)('crane', { timeout }, () => {
  const { call, ok } = caller(crane, 'crane', () => ['--insecure']);
  const image = () => `${berth.host}/clients/crane:1`;

  test('logs in with a token', async () => {
    const result = await call(['auth', 'login', berth.host, '-u', 'admin', '--password-stdin'], token);
    expect(result.code).toBe(0);
  });

  test('pushes an image and pulls it back with its digest', async () => {
    expect(await ok(['push', layout, image()])).toBe(`${berth.host}/clients/crane@${digest}`);
    const back = join(folder, 'crane-back');
    await ok(['pull', '--format=oci', image(), back]);
    expect(await ok(['digest', image()])).toBe(digest);
  });

  test('validates it, lists its tags and the catalog', async () => {
    await ok(['validate', '--remote', image()]);
    expect(await ok(['ls', image().replace(/:1$/, '')])).toBe('1');
    expect((await ok(['catalog', berth.host])).split('\n')).toContain('clients/crane');
  });

  test('copies to another repository by mounting', async () => {
    const result = await call(['copy', image(), `${berth.host}/clients/copy:1`]);
    expect(result.output).toMatch(/mounted blob/);
    expect(await ok(['digest', `${berth.host}/clients/copy:1`])).toBe(digest);
  });

  test('is denied without a login', async () => {
    await ok(['auth', 'logout', berth.host]);
    const result = await call(['digest', image()]);
    expect(result.code).not.toBe(0);
    expect(result.output).toMatch(/unauthorized|denied/i);
  });
});

async function pushedDigest(repository: string): Promise<string | null> {
  const authorization = `Basic ${Buffer.from(`admin:${token}`).toString('base64')}`;
  const accept = 'application/vnd.oci.image.manifest.v1+json';
  const answer = await fetch(`${berth.url}/v2/${repository}/manifests/1`, {
    method: 'HEAD',
    headers: { authorization, accept },
  });
  return answer.headers.get('docker-content-digest');
}
