import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startBerth } from './support/berth-process.ts';
import { clientOf, clientTimeout as timeout } from './support/clients.ts';
import { writeLayout } from './support/layout.ts';
import {
  basic,
  imageManifest,
  imageType,
  password,
  sha256,
  startRegistry,
  type Registry,
} from './support/registry.ts';
import { tool } from './support/require.ts';
import { removeFolder, temporaryFolder } from './support/temporary.ts';
import { until } from './support/waiting.ts';

const skopeo = await tool('skopeo');

const other = 'registry.example.com';

/** Knows the people. */
let tokens: Registry;
/** Know only the public keys of `tokens`: one a JWKS, the other certificates. */
const registries: Record<string, Registry> = {};
let folder: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  tokens = await startRegistry({
    env: { REGISTRY_AUTH_BUILTIN_SERVICES: `[{name: ${other}, keys: rootcertbundle}]` },
  });
  const jwks = await (await fetch(`${tokens.url}/.well-known/jwks.json`)).text();
  registries['berth'] = await guarded('berth', 'JWKS', jwks);
  const { body } = await tokens.api('GET', '/keys/export?format=pem');
  registries[other] = await guarded(other, 'ROOTCERTBUNDLE', body.pem);
});

async function guarded(service: string, key: string, keys: string): Promise<Registry> {
  const file = join(folder, key.toLowerCase());
  await writeFile(file, keys);
  return startRegistry({
    env: {
      REGISTRY_AUTH: 'token',
      REGISTRY_AUTH_TOKEN_REALM: `${tokens.url}/auth/token`,
      REGISTRY_AUTH_TOKEN_SERVICE: service,
      REGISTRY_AUTH_TOKEN_ISSUER: 'berth',
      [`REGISTRY_AUTH_TOKEN_${key}`]: file,
    },
  });
}

afterAll(async () => {
  for (const registry of Object.values(registries)) await registry.remove();
  await tokens?.remove();
  await removeFolder(folder);
});

async function tokenFor(service: string, scopes: readonly string[]): Promise<string> {
  const query = new URLSearchParams([['service', service], ...scopes.map((scope) => ['scope', scope])]);
  const authorization = basic({ user: 'admin', password });
  const answer = await fetch(`${tokens.url}/auth/token?${query}`, { headers: { authorization } });
  return ((await answer.json()) as { token: string }).token;
}

const manifest = imageManifest('{}', ['layer']);
const pushes = ['repository:team/app:pull,push'];

describe.each([
  ['a JWKS', 'berth'],
  ['certificates', other],
])('a registry that knows the token server of another Berth by %s', (_what, service) => {
  const url = () => registries[service]!.url;

  /** With a token for these scopes; `path` is below `/v2/`. */
  async function send(scopes: readonly string[], method: string, path: string, body?: string, type?: string) {
    const authorization = `Bearer ${await tokenFor(service, scopes)}`;
    const headers = { authorization, ...(type !== undefined && { 'content-type': type }) };
    return fetch(`${url()}/v2/${path}`, { method, headers, ...(body !== undefined && { body }) });
  }

  async function pushImage() {
    for (const blob of ['{}', 'layer'])
      await send(pushes, 'POST', `team/app/blobs/uploads/?digest=${sha256(blob)}`, blob);
    return send(pushes, 'PUT', 'team/app/manifests/1', manifest, imageType);
  }

  test('sends clients there, and has no token endpoint of its own', async () => {
    const answer = await fetch(`${url()}/v2/`);
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe(
      `Bearer realm="${tokens.url}/auth/token",service="${service}"`,
    );
    expect((await fetch(`${url()}/auth/token`)).status).toBe(404);
    expect((await fetch(`${url()}/.well-known/jwks.json`)).status).toBe(404);
  });

  test('refuses a token for another registry', async () => {
    const elsewhere = await tokenFor(service === other ? 'berth' : other, []);
    const answer = await fetch(`${url()}/v2/`, { headers: { authorization: `Bearer ${elsewhere}` } });
    expect(answer.headers.get('www-authenticate')).toContain('error="invalid_token"');
    expect((await send([], 'GET', '')).status).toBe(200);
  });

  test('takes no password, though an account that is there administrates', async () => {
    const headers = { authorization: basic({ user: 'admin', password }) };
    expect((await fetch(`${url()}/v2/`, { headers })).status).toBe(401);
    expect((await registries[service]!.api('GET', '/me')).status).toBe(200);
  });

  test('takes a push and gives it back', async () => {
    expect((await pushImage()).status).toBe(201);
    const pulled = await send(['repository:team/app:pull'], 'GET', 'team/app/manifests/1');
    expect([pulled.status, await pulled.text()]).toEqual([200, manifest]);
  });

  test('says which scope a token lacks, whether the repository is there or not', async () => {
    await pushImage();
    for (const name of ['team/app', 'team/not']) {
      const answer = await send(['repository:other:pull'], 'GET', `${name}/manifests/1`);
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toContain(
        `scope="repository:${name}:pull",error="insufficient_scope"`,
      );
    }
    expect((await send(['repository:team/app:pull'], 'PUT', 'team/app/manifests/1', manifest)).status).toBe(
      401,
    );
  });

  test('lists everything to whoever has the catalog, and nothing to others', async () => {
    await pushImage();
    const listed = await send(['registry:catalog:*'], 'GET', '_catalog');
    expect(((await listed.json()) as { repositories: string[] }).repositories).toContain('team/app');
    expect((await send(pushes, 'GET', '_catalog')).status).toBe(401);
  });

  test('mounts from what the token may pull, and from nothing that it may only list', async () => {
    await pushImage();
    const mount = `team/copy/blobs/uploads/?mount=${sha256('layer')}`;
    const copies = ['repository:team/copy:pull,push', 'registry:catalog:*'];
    expect((await send(copies, 'POST', `${mount}&from=team/app`)).status).toBe(202);
    expect((await send(copies, 'POST', mount)).status).toBe(202);
    const both = [...copies, 'repository:team/app:pull'];
    expect((await send(both, 'POST', `${mount}&from=team/app`)).status).toBe(201);
  });

  test('deletes nothing unless the configuration says so, as the original', async () => {
    await pushImage();
    expect((await send(['repository:team/app:delete'], 'DELETE', 'team/app/manifests/1')).status).toBe(405);
  });

  test.skipIf(!skopeo)(
    'skopeo logs in there, pushes and pulls here',
    async () => {
      const layout = join(folder, `layout-${service}`);
      const { image } = await writeLayout(layout);
      const client = clientOf(skopeo!['skopeo']!, folder, ['--insecure-policy']);
      const there = `docker://127.0.0.1:${registries[service]!.port}/team/skopeo:1`;
      const who = `admin:${password}`;
      await client.ok(['copy', '--dest-tls-verify=false', `--dest-creds=${who}`, `oci:${layout}:1`, there]);
      const digest = ['inspect', '--tls-verify=false', `--creds=${who}`, '--format', '{{.Digest}}', there];
      expect(await client.ok(digest)).toBe(image);
    },
    timeout,
  );
});

test.each([
  [
    'is not there',
    undefined,
    /ended with 1:\n.*auth\.token\.jwks: \S*keys\.json cannot be read \(ENOENT\)\n$/,
  ],
  ['is no JWKS', 'keys', /ended with 1:\n.*auth\.token: the JWKS is not {"keys": \[…]}\n$/],
])('a registry whose file of keys %s does not start', async (_what, content, message) => {
  const keys = join(await temporaryFolder(), 'keys.json');
  if (content !== undefined) await writeFile(keys, content);
  const env = {
    REGISTRY_AUTH: 'token',
    REGISTRY_AUTH_TOKEN_AUTOREDIRECT: 'true',
    REGISTRY_AUTH_TOKEN_SERVICE: 'berth',
    REGISTRY_AUTH_TOKEN_ISSUER: 'berth',
    REGISTRY_AUTH_TOKEN_JWKS: keys,
  };
  await expect(startBerth({ env })).rejects.toThrow(message);
  await removeFolder(join(keys, '..'));
});

test('the start says which token server guards the registry, and names no account', async () => {
  const keys = join(folder, 'jwks');
  const env = {
    REGISTRY_AUTH: 'token',
    REGISTRY_AUTH_TOKEN_REALM: 'https://auth.example.com/token',
    REGISTRY_AUTH_TOKEN_SERVICE: 'r',
    REGISTRY_AUTH_TOKEN_ISSUER: 'i',
    REGISTRY_AUTH_TOKEN_JWKS: keys,
  };
  const berth = await startBerth({ env });
  try {
    await until('the greeting', () => berth.output().includes('  push  ') || undefined);
    expect(berth.output()).toContain('by tokens of https://auth.example.com/token (auth.token)');
    expect(berth.output()).not.toMatch(/password|grant add/);
    expect(await readdir(berth.folder)).not.toContain('initial-admin-password');
  } finally {
    await berth.remove();
  }
});
