import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { berthEnvironment, startBerth, type BerthProcess } from './support/berth-process.ts';
import { runOk } from './support/command.ts';
import { registry3 } from './support/foreign-registry.ts';
import { plainClient, type PlainClient } from './support/plain-client.ts';
import { imageManifest, imageType, indexType, sha256 } from './support/registry.ts';
import { basic } from './support/registry-client.ts';
import { tool } from './support/require.ts';
import { bucketVolume, folderVolume, type Volume } from './support/volume.ts';

/** From `registry:2` and `registry:3` to Berth and back, on the same storage. */
const [debian, newest, versitygw, crane, skopeo] = await Promise.all([
  tool('docker-registry'),
  registry3(),
  tool('versitygw'),
  tool('crane'),
  tool('skopeo'),
]);
const stock2 = debian?.['docker-registry'] ?? '';
const stock3 = newest?.['registry'] ?? '';

const admin = { name: 'admin', password: 'the-password-of-the-admin' };
const dockerType = 'application/vnd.docker.distribution.manifest.v2+json';
const app = 'team/app';
const many = 'team/many';
const root = 'docker/registry/v2';

const config = '{"os":"linux","architecture":"amd64"}';
const oci = imageManifest(config, ['a layer of both']);
const untyped = JSON.stringify({ ...JSON.parse(imageManifest(config, ['untyped'])), mediaType: undefined });
const descriptor = (content: string, mediaType = imageType) => {
  return { mediaType, digest: sha256(content), size: Buffer.byteLength(content) };
};
const docker = JSON.stringify({
  schemaVersion: 2,
  mediaType: dockerType,
  config: descriptor(config, 'application/vnd.docker.container.image.v1+json'),
  layers: [descriptor('of docker', 'application/vnd.docker.image.rootfs.diff.tar')],
});
const index = JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests: [descriptor(oci)] });
const note = imageManifest(config, [], { artifactType: 'a/note', subject: descriptor(oci) });
const deleted = imageManifest(config, ['deleted']);
const broken = imageManifest(config, ['broken']);
const fresh = imageManifest(config, ['pushed to Berth']);
const secret = imageManifest(config, ['deleted in Berth']);

const volumes = [
  { name: 'a folder', open: folderVolume, tags: 10_000, missing: !debian || !newest },
  {
    name: 'a bucket',
    open: () => bucketVolume(versitygw!),
    tags: 200,
    missing: !debian || !newest || !versitygw,
  },
];

describe.each(volumes)('$name of registry:2', { timeout: 180_000 }, ({ open, tags, missing }) => {
  describe.skipIf(missing)('', () => {
    let volume: Volume;
    let berth: BerthProcess;
    let before: Record<string, string>;

    beforeAll(async () => {
      volume = await open();
      await useStock(stock2, fillBySecond);
      await useStock(stock3, fillByThird);
      await volume.storage.delete(blobFolder('broken'));
      await writeTags(volume, tags);
      await useStock(stock3, async (client) => void (before = await everything(client)));
    }, 180_000);

    afterAll(async () => {
      await berth?.stop();
      await volume?.remove();
    }, 60_000);

    async function useStock(program: string, use: (client: PlainClient) => Promise<void>): Promise<void> {
      const { url, stop } = await volume.startStock(program);
      try {
        await use(plainClient(url));
      } finally {
        await stop();
      }
    }

    /** What is pulled, by every name that is looked at. */
    async function everything(client: PlainClient): Promise<Record<string, string>> {
      const found: Record<string, string> = {};
      const digests = [oci, docker, untyped, index, note, broken].map((content) => sha256(content));
      const references = ['oci', 'docker', 'index', 'gone', ...digests, sha256(deleted)];
      for (const reference of references) found[reference] = await client.pull(app, reference);
      for (const content of [config, 'a layer of both', 'of docker', 'broken']) {
        found[content] = await client.pullBlob(app, sha256(content));
      }
      found['elsewhere'] = await client.pullBlob(many, sha256('of docker'));
      for (let each = 0; each < tags; each += tags / 10) {
        found[tagOf(each)] = await client.pull(many, tagOf(each));
      }
      return found;
    }

    const start = async () => {
      berth = await startBerth({
        folder: volume.folder,
        env: { ...volume.env, BERTH_ADMIN_PASSWORD: admin.password },
      });
      return plainClient(berth.url, basic(admin));
    };

    test('is imported, also when the process is killed at it twice', async () => {
      await dieAt(volume, 'listing');
      await dieAt(volume, 'importing');
      const client = await start();
      expect(await everything(client)).toEqual(before);
    });

    test('and says what it found, and how to open it', async () => {
      expect(berth.output()).toMatch(
        new RegExp(String.raw`imported  2 repositories, 7 manifests, ${tags + 6} tags, 5 blobs`),
      );
      expect(berth.output()).toMatch(/problems  2, listed in .*import-skipped\.txt/);
      expect(berth.output()).toContain('1 half-finished upload,');
      expect(berth.output()).toContain("grant add anonymous reader '**'");
      const skipped = await runOk('cat', [join(volume.folder, 'import-skipped.txt')]);
      expect(skipped.split('\n').map((line) => line.split('\t')[0])).toEqual([
        'incomplete',
        'missing-blob',
        '',
      ]);
    });

    test('is private, and its referrers are known', async () => {
      expect(await plainClient(berth.url).pull(app, 'oci')).toBe('401');
      const answer = await plainClient(berth.url, basic(admin)).ask(
        'GET',
        `/v2/${app}/referrers/${sha256(oci)}`,
      );
      expect(await answer.json()).toMatchObject({ manifests: [{ digest: sha256(note) }] });
    });

    test.skipIf(!crane)('crane pulls it', async () => {
      const env = { ...process.env, DOCKER_CONFIG: volume.folder };
      const { name, password } = admin;
      await runOk(crane!['crane']!, ['auth', 'login', berth.host, '-u', name, '-p', password], { env });
      const digest = await runOk(crane!['crane']!, ['digest', '--insecure', `${berth.host}/${app}:oci`], {
        env,
      });
      expect(digest.trim()).toBe(sha256(oci));
    });

    test.skipIf(!skopeo)('skopeo copies it', async () => {
      const target = `dir:${join(volume.folder, 'skopeo')}`;
      const source = `docker://${berth.host}/${app}:docker`;
      const creds = `--src-creds=${admin.name}:${admin.password}`;
      const options = ['--insecure-policy', 'copy', '--preserve-digests', '--src-tls-verify=false', creds];
      await runOk(skopeo!['skopeo']!, [...options, source, target]);
      expect(await runOk('cat', [join(volume.folder, 'skopeo', 'manifest.json')])).toBe(docker);
    });

    test('lives on: what is broken is pushed again, other things are pushed, moved and deleted', async () => {
      const client = plainClient(berth.url, basic(admin));
      await client.pushBlob(app, 'broken');
      for (const [tag, content, layer] of [
        ['fresh', fresh, 'pushed to Berth'],
        ['secret', secret, 'deleted in Berth'],
      ] as const) {
        await client.pushBlob(app, layer);
        await client.pushManifest(app, tag, content, imageType);
      }
      await client.pushManifest(app, 'docker', fresh, imageType);
      await client.pushManifest(app, sha256(broken), broken, imageType);
      const deletions = [sha256(secret), 'untyped', sha256(untyped)];
      for (const reference of deletions) {
        expect((await client.ask('DELETE', `/v2/${app}/manifests/${reference}`)).status).toBe(202);
      }
      expect((await client.ask('DELETE', `/v2/${many}/manifests/${tagOf(1)}`)).status).toBe(202);
      await berth.stop();
      const again = await start();
      expect(await again.pull(app, 'docker')).toContain(sha256(fresh));
      expect(berth.output()).not.toContain('imported');
      await berth.stop();
    });

    test('is exported: a dry run says the same and writes nothing', async () => {
      const dry = await berth.berth(['export', '--dry-run', '--json']);
      expect(dry.code).toBe(0);
      const real = await berth.berth(['export', '--json']);
      expect([real.code, real.stderr]).toEqual([0, '']);
      const report = (output: string) => (JSON.parse(output) as { report: Record<string, unknown> }).report;
      expect(report(dry.stdout)).toEqual({ ...report(real.stdout), dryRun: true });
    });

    test.each([
      ['registry:3', stock3],
      ['registry:2', stock2],
    ])('%s serves it then, and nothing that was deleted', async (_, program) => {
      await useStock(program, async (client) => {
        const now = await client.pull(app, 'fresh');
        expect(now).toBe(`${sha256(fresh)} ${imageType} ${sha256(fresh)}`);
        expect(await everything(client)).toEqual({
          ...before,
          docker: now,
          broken: sha256('broken'),
          [sha256(untyped)]: '404',
        });
        expect(await client.pull(app, 'untyped')).toBe('404');
        expect(await client.pull(app, 'secret')).toBe('404');
        expect(await client.pull(app, sha256(secret))).toBe('404');
        expect(await client.pull(many, tagOf(1))).toBe('404');
        expect(await client.pullBlob(app, sha256('pushed to Berth'))).toBe(sha256('pushed to Berth'));
        const list = (await (await client.ask('GET', `/v2/${app}/tags/list`)).json()) as { tags: string[] };
        expect(list.tags.sort()).toEqual(['broken', 'docker', 'fresh', 'index', 'oci']);
      });
    });
  });
});

async function fillBySecond(client: PlainClient): Promise<void> {
  for (const content of [config, 'a layer of both', 'of docker', 'untyped', 'broken']) {
    await client.pushBlob(app, content);
  }
  await client.pushManifest(app, 'docker', docker, dockerType);
  await client.pushManifest(app, 'oci', oci, imageType);
  await client.pushManifest(app, 'untyped', untyped, imageType);
  await client.pushManifest(app, 'broken', broken, imageType);
  const upload = await client.ask('POST', '/v2/half/finished/blobs/uploads/');
  await client.ask('PATCH', upload.headers.get('location')!, 'half');
}

async function fillByThird(client: PlainClient): Promise<void> {
  await client.pushBlob(app, 'deleted');
  await client.pushManifest(app, 'deleted', deleted, imageType);
  await client.pushManifest(app, 'gone', oci, imageType);
  await client.pushManifest(app, 'index', index, indexType);
  await client.pushManifest(app, sha256(note), note, imageType);
  for (const reference of [sha256(deleted), 'gone']) {
    const answer = await client.ask('DELETE', `/v2/${app}/manifests/${reference}`);
    if (answer.status !== 202) throw new Error(`${reference}: ${answer.status}`);
  }
  for (const content of [config, 'a layer of both']) await client.pushBlob(many, content);
  await client.pushManifest(many, 'first', oci, imageType);
}

const tagOf = (number: number) => `tag-${number}`;

function blobFolder(content: string): string {
  const hex = sha256(content).slice('sha256:'.length);
  return `${root}/blobs/sha256/${hex.slice(0, 2)}/${hex}`;
}

/** As a registry would have written them, within seconds. */
async function writeTags({ storage }: Volume, count: number): Promise<void> {
  const [algorithm, hex] = sha256(oci).split(':');
  const write = async (path: string) => {
    const writer = await storage.append(path);
    await writer.write(Buffer.from(sha256(oci)));
    await writer.close({ sync: count <= 1000 });
  };
  const writeTag = async (number: number) => {
    const folder = `${root}/repositories/${many}/_manifests/tags/${tagOf(number)}`;
    await write(`${folder}/current/link`);
    await write(`${folder}/index/${algorithm}/${hex}/link`);
  };
  for (let first = 0; first < count; first += 20) {
    await Promise.all(Array.from({ length: 20 }, (_, index) => writeTag(first + index)));
  }
}

/** A process that imports and is ended by force in the middle of a phase. */
async function dieAt({ folder, env }: Volume, phase: 'listing' | 'importing'): Promise<void> {
  const program = join(import.meta.dirname, 'support/dying-import.ts');
  const child = spawn(process.execPath, ['--conditions=source', program, phase], {
    env: berthEnvironment(folder, env),
    stdio: 'inherit',
  });
  await once(child, 'exit');
  expect(child.signalCode).toBe('SIGKILL');
}
