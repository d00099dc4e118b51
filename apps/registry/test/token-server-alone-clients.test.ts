import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Person } from './support/berth-process.ts';
import { clientOf, clientTimeout as timeout, expectRefused } from './support/clients.ts';
import { runOk } from './support/command.ts';
import { startContainerd } from './support/containerd.ts';
import { startDockerEngine, type DockerClient, type DockerEngine } from './support/docker-engine.ts';
import { registry3, startForeignRegistry, type ForeignRegistry } from './support/foreign-registry.ts';
import { buildImage, removeImages } from './support/image.ts';
import { writeLayout } from './support/layout.ts';
import { tool } from './support/require.ts';
import { removeFolder, temporaryFolder } from './support/temporary.ts';
import { startTokenServerAlone, type TokenServerAlone } from './support/token-server-alone.ts';
import { until } from './support/waiting.ts';

/** Berth with `storage: none` in front of registries that other people run already, and real clients in front of both. */
const docker = await tool('docker');
const ctr = await tool('ctr');
const crane = await tool('crane');
const skopeo = await tool('skopeo');
const debian = await tool('docker-registry');
const newest = await registry3();

const kinds = [
  { name: 'registry:2', program: debian?.['docker-registry'], service: 'two', keys: 'rootcertbundle' },
  { name: 'registry:3', program: newest?.['registry'], service: 'three', keys: 'jwks' },
] as const;

const writer = { name: 'writer', password: 'the-password-of-the-writer' };
const reader = { name: 'reader', password: 'the-password-of-the-reader' };
const publisher = { name: 'publisher', password: 'the-password-of-the-publisher' };
const stranger = { name: 'stranger', password: 'the-password-of-the-stranger' };

let alone: TokenServerAlone;

beforeAll(async () => {
  const services = kinds.map(({ service: name, keys }) => ({ name, keys }));
  alone = await startTokenServerAlone({ services, people: [writer, reader, publisher, stranger] });
  for (const { name } of [writer, publisher]) await alone.grant(name, name, 'team/**');
}, timeout);

afterAll(() => alone?.remove(), timeout);

describe.each(kinds)('in front of $name', { timeout }, ({ program, service, keys }) => {
  let registry: ForeignRegistry;
  let host: string;

  beforeAll(async () => {
    if (program === undefined) return;
    const content = await alone.exported(keys);
    registry = await startForeignRegistry({ program, realm: alone.realm, service, keys, content });
    host = `localhost:${new URL(registry.url).port}`;
  }, timeout);

  afterAll(() => registry?.stop(), timeout);

  describe.skipIf(!program || !docker)('docker', () => {
    let engine: DockerEngine;
    let image: string;

    beforeAll(async () => {
      engine = await startDockerEngine(docker!);
      image = `${host}/team/app:1`;
    }, timeout);

    afterAll(() => engine?.stop(), timeout);

    const loggedIn = async ({ name, password }: Person): Promise<DockerClient> => {
      const client = await engine.client(name);
      const args = ['login', host, '-u', name, '--password-stdin'];
      expect(await client.dockerOk(args, { input: password })).toContain('Login Succeeded');
      return client;
    };

    const expectPulled = async (client: DockerClient) => {
      await removeImages(client);
      await client.dockerOk(['pull', image]);
      expect(await client.dockerOk(['run', '--rm', '--network', 'none', image])).toBe('hello');
    };

    test('refuses a wrong password', async () => {
      const client = await engine.client('nobody');
      const input = 'wrong';
      expectRefused(await client.docker(['login', host, '-u', writer.name, '--password-stdin'], { input }));
    });

    test('pushes and pulls', async () => {
      const client = await loggedIn(writer);
      await buildImage(client, image, 'hello');
      expect(await client.dockerOk(['push', image])).toMatch(/digest: sha256:/);
      await expectPulled(client);
    });

    test('refuses who has no grant, and nobody', async () => {
      for (const client of [await loggedIn(stranger), await engine.client('anonymous')]) {
        await removeImages(client);
        expectRefused(await client.docker(['pull', image]));
      }
    });

    test('pulls for a reader, and refuses his push, until the grant is taken away', async () => {
      const id = await alone.grant(reader.name, 'reader', 'team/**');
      const client = await loggedIn(reader);
      await expectPulled(client);
      expectRefused(await client.docker(['push', image]));
      expect((await alone.api('DELETE', `/grants/${id}`)).status).toBe(204);
      expectRefused(await client.docker(['pull', image]));
    });

    test('refuses the push of who may not overwrite, since the registry would', async () => {
      const client = await loggedIn(publisher);
      await expectPulled(client);
      expectRefused(await client.docker(['push', image]));
    });

    test('goes on with a new key, which the registry was given before it signs', async () => {
      const before = await alone.signingKey(service);
      const start = Date.now();
      await alone.typed('keys', 'list');
      // Two commands, a registry and two clients start before it, and a busy machine takes its time.
      const from = Date.now() + 5000 + 6 * (Date.now() - start);
      await alone.typed('keys', 'rotate', '--from', new Date(from).toISOString());
      await registry.restart(await alone.exported(keys));
      const client = await loggedIn(writer);
      await expectPulled(client);
      expect(await alone.signingKey(service)).toBe(before);
      await sleep(Math.max(0, from - Date.now()));
      await until('the new key', async () => (await alone.signingKey(service)) !== before || undefined);
      await expectPulled(client);
      expect(await client.dockerOk(['push', image])).toMatch(/digest: sha256:/);
    });
  });

  describe.skipIf(!program)('other clients', () => {
    let folder: string;
    let layout: string;

    beforeAll(async () => {
      folder = await temporaryFolder();
      layout = join(folder, 'layout');
      await writeLayout(layout);
    });

    afterAll(() => removeFolder(folder));

    test.skipIf(!crane)('crane pushes and pulls', async () => {
      const client = clientOf(crane!['crane']!, folder, ['--insecure']);
      const login = ['auth', 'login', host, '-u', writer.name, '--password-stdin'];
      await client.ok(login, writer.password);
      const pushed = await client.ok(['push', '--index', layout, `${host}/team/crane:1`]);
      expect(pushed).toContain('@sha256:');
      expect(await client.ok(['digest', `${host}/team/crane:1`])).toBe(pushed.split('@')[1]);
      expectRefused(await client.call(['digest', `${host}/other/crane:1`]));
    });

    test.skipIf(!skopeo)('skopeo pushes and pulls', async () => {
      const client = clientOf(skopeo!['skopeo']!, folder);
      const image = `docker://${host}/team/skopeo:1`;
      const login = ['login', '--tls-verify=false', '-u', writer.name, '--password-stdin', host];
      await client.ok(login, writer.password);
      const source = `oci:${layout}:1`;
      await client.ok(['copy', '--dest-tls-verify=false', source, image]);
      expect(await client.ok(['inspect', '--tls-verify=false', image])).toContain('"Digest": "sha256:');
      const elsewhere = `docker://${host}/other/skopeo:1`;
      expectRefused(await client.call(['copy', '--dest-tls-verify=false', source, elsewhere]));
    });

    /** Also what a docker engine does that keeps its images in containerd: it asks for tokens by POST. */
    test.skipIf(!ctr)('containerd pushes and pulls', async () => {
      const containerd = await startContainerd(ctr!);
      const { call, ok } = containerd.ctr;
      const image = `${host}/team/ctr:1`;
      const as = ({ name, password }: Person) => ['--plain-http', '--user', `${name}:${password}`];
      try {
        const archive = join(folder, 'layout.tar');
        await runOk('tar', ['-C', layout, '-cf', archive, 'oci-layout', 'index.json', 'blobs']);
        const importing = ['images', 'import', '--all-platforms', '--no-unpack', '--base-name'];
        await ok([...importing, `${host}/team/ctr`, archive]);
        expectRefused(await call(['images', 'push', ...as(publisher), image]));
        await ok(['images', 'push', ...as(writer), image]);
        await ok(['images', 'pull', ...as(publisher), image]);
        expectRefused(await call(['images', 'pull', ...as(stranger), image]));
      } finally {
        await containerd.stop();
      }
    });
  });
});
