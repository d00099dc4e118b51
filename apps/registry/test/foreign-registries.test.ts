import { decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { berth as runBerth, berthEnvironment } from './support/berth-process.ts';
import { registry3, startForeignRegistry, type ForeignRegistry } from './support/foreign-registry.ts';
import {
  imageManifest,
  imageType,
  password,
  sha256,
  startRegistry,
  type Registry,
} from './support/registry.ts';
import { tool } from './support/require.ts';

/** Berth as the token server of somebody else's registry. */
const [debian, newest] = await Promise.all([tool('docker-registry'), registry3()]);

const kinds = [
  { name: 'registry:2 by rootcertbundle', program: debian?.['docker-registry'], keys: 'rootcertbundle' },
  { name: 'registry:3 by rootcertbundle', program: newest?.['registry'], keys: 'rootcertbundle' },
  { name: 'registry:3 by jwks', program: newest?.['registry'], keys: 'jwks' },
] as const;

const services = [
  { name: 'certified', keys: 'rootcertbundle' },
  { name: 'listed', keys: 'jwks' },
];
const nameOf = { rootcertbundle: 'certified', jwks: 'listed' } as const;

/** Of a token server that signs with one algorithm. */
let berth: Registry;

async function startBerth(algorithm: string): Promise<void> {
  const env = {
    REGISTRY_AUTH_BUILTIN_SERVICES: JSON.stringify(services),
    REGISTRY_AUTH_BUILTIN_SIGNINGALGORITHM: algorithm,
  };
  berth = await startRegistry({ env });
  await berth.api('POST', '/users', { name: 'reader', password });
  await berth.api('POST', '/grants', { subject: 'user:reader', role: 'reader', repository: 'team/**' });
}

async function tokenFor(service: string, scope: string, user = 'admin'): Promise<string> {
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  const query = new URLSearchParams({ service, scope });
  const answer = await fetch(`${berth.url}/auth/token?${query}`, { headers: { authorization } });
  return ((await answer.json()) as { token: string }).token;
}

/** As a registry reads it from a file: what the command line prints. */
async function exported(keys: 'rootcertbundle' | 'jwks'): Promise<string> {
  const format = keys === 'jwks' ? 'jwks' : 'pem';
  const env = berthEnvironment(berth.folder);
  const { code, stdout, stderr } = await runBerth(['keys', 'export', '--format', format], { env });
  if (code !== 0) throw new Error(stderr);
  return stdout;
}

const config = '{}';
const layer = 'a layer';
const manifest = imageManifest(config, [layer]);

describe.each(['ES256', 'RS256'])('signed with %s:', (algorithm) => {
  beforeAll(() => startBerth(algorithm));
  afterAll(() => berth.remove());

  describe.each(kinds)('$name', ({ program, keys }) => {
    const service = nameOf[keys];
    const scope = 'repository:team/app:pull,push';
    let registry: ForeignRegistry;

    beforeAll(async () => {
      if (program === undefined) return;
      const content = await exported(keys);
      registry = await startForeignRegistry({
        program,
        realm: `${berth.url}/auth/token`,
        service,
        keys,
        content,
      });
    });

    afterAll(() => registry?.stop());

    const call = (token: string, method: string, path: string, body?: string) =>
      fetch(new URL(path, registry.url), {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': imageType, accept: imageType },
        ...(body !== undefined && { body }),
      });

    async function pushBlob(token: string, content: string): Promise<number> {
      const begun = await call(token, 'POST', '/v2/team/app/blobs/uploads/');
      const place = new URL(begun.headers.get('location') ?? '', registry.url);
      place.searchParams.set('digest', sha256(content));
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' };
      return (await fetch(place, { method: 'PUT', headers, body: content })).status;
    }

    test.skipIf(!program)('sends clients to Berth', async () => {
      const answer = await fetch(`${registry.url}/v2/`);
      expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([
        401,
        `Bearer realm="${berth.url}/auth/token",service="${service}"`,
      ]);
    });

    test.skipIf(!program)('takes a push and a pull with a token of Berth', async () => {
      const token = await tokenFor(service, scope);
      expect(decodeProtectedHeader(token).alg).toBe(algorithm);
      for (const content of [config, layer]) expect(await pushBlob(token, content)).toBe(201);
      expect((await call(token, 'PUT', '/v2/team/app/manifests/1', manifest)).status).toBe(201);
      const pulled = await call(token, 'GET', '/v2/team/app/manifests/1');
      expect([pulled.status, await pulled.text()]).toEqual([200, manifest]);
    });

    test.skipIf(!program)('refuses what Berth does not grant', async () => {
      const token = await tokenFor(service, scope, 'reader');
      expect((await call(token, 'GET', '/v2/team/app/manifests/1')).status).toBe(200);
      expect((await call(token, 'PUT', '/v2/team/app/manifests/2', manifest)).status).toBe(401);
    });

    test.skipIf(!program)('refuses a token for another service', async () => {
      const other = await tokenFor('berth', scope);
      expect((await call(other, 'GET', '/v2/team/app/manifests/1')).status).toBe(401);
    });
  });

  /** Why `keys` says which: the certificate is all that it looks at, and it has none to trust. */
  test.skipIf(!newest)('registry:3 by jwks refuses a token with a certificate', async () => {
    const registry = await startForeignRegistry({
      program: newest!['registry']!,
      realm: `${berth.url}/auth/token`,
      service: 'certified',
      keys: 'jwks',
      content: await exported('jwks'),
    });
    const headers = { authorization: `Bearer ${await tokenFor('certified', 'registry:catalog:*')}` };
    const { status } = await fetch(`${registry.url}/v2/`, { headers });
    await registry.stop();
    expect([status, registry.output()]).toEqual([
      401,
      expect.stringContaining('certificate signed by unknown authority'),
    ]);
  });

  test('no token is made for a service that is not in the configuration', async () => {
    expect(await tokenFor('elsewhere', 'repository:team/app:pull')).toBeUndefined();
  });
});
