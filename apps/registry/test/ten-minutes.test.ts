import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Administration, administrationApi, commandLine } from './support/administration.ts';
import { type BerthProcess, startBerth } from './support/berth-process.ts';
import type { CommandResult } from './support/command.ts';
import { type DockerClient, type DockerEngine, startDockerEngine } from './support/docker-engine.ts';
import { buildImage, removeImages } from './support/image.ts';
import { basic, catalogOf, fetchToken, fetchWith, tagsOf } from './support/registry-client.ts';
import { tool } from './support/require.ts';

const docker = await tool('docker');

const admin = { name: 'admin', password: 'the-password-of-the-admin' };
const alice = { name: 'alice', password: 'the-password-of-alice' };
const bob = { name: 'bob', password: 'the-password-of-bob' };
const timeout = 120_000;

/** Docker's own words for no; never a hang (which would be killed) or an error of the server. */
function expectDenied(result: CommandResult): void {
  expect(result.output).toMatch(/denied|unauthorized/i);
  expect(result.output).not.toMatch(/\b50\d\b|internal server error|timeout/i);
  expect(result.code).toBeGreaterThan(0);
}

function digestIn(output: string): string | undefined {
  return /\bdigest: (sha256:[0-9a-f]{64})\b/i.exec(output)?.[1];
}

describe.skipIf(!docker)("a newcomer's ten minutes", { timeout }, () => {
  const engines: DockerEngine[] = [];

  beforeAll(async () => {
    engines.push(...(await Promise.all([startDockerEngine(docker!), startDockerEngine(docker!)])));
  }, timeout);

  afterAll(async () => {
    await Promise.all(engines.map((engine) => engine.stop()));
  }, timeout);

  describe('log in, push and pull', () => {
    let berth: BerthProcess;
    let client: DockerClient;
    let image: string;
    let sibling: string;
    let password: string;
    let digest: string | undefined;

    beforeAll(async () => {
      berth = await startBerth();
      client = await engines[0]!.client('newcomer');
      image = `${berth.host}/team/app:1`;
      sibling = `${berth.host}/team/sibling:1`;
      password = (await readFile(join(berth.folder, 'initial-admin-password'), 'utf8')).trim();
    }, timeout);

    afterAll(() => berth?.remove(), timeout);

    const login = (input: string) =>
      client.docker(['login', berth.host, '-u', 'admin', '--password-stdin'], { input });

    test('a wrong password is said to be wrong', async () => {
      const result = await login('wrong');
      expectDenied(result);
      expect(result.output).toMatch(/incorrect username or password/i);
    });

    test('docker login with the password of the first start succeeds', async () => {
      const result = await login(password);
      expect(result.output).toContain('Login Succeeded');
      expect(result.code).toBe(0);
    });

    test('docker push sends every layer', async () => {
      await buildImage(client, image, 'hello');
      await buildImage(client, sibling, 'sibling');
      const pushed = await client.dockerOk(['push', image]);
      expect(pushed.match(/: Pushed/g)).toHaveLength(2);
      digest = digestIn(pushed);
      expect(digest).toBeDefined();
    });

    test('docker push of a sibling image mounts the layer that it shares', async () => {
      const pushed = await client.dockerOk(['push', sibling]);
      expect(pushed).toContain(': Mounted from team/app');
      expect(pushed.match(/: Pushed/g)).toHaveLength(1);
      expect(digestIn(pushed)).not.toBe(digest);
    });

    test('docker pull brings back the same digest', async () => {
      await removeImages(client);
      expect(digestIn(await client.dockerOk(['pull', image]))).toBe(digest);
      expect(await client.dockerOk(['run', '--rm', '--network', 'none', image])).toBe('hello');
      await client.dockerOk(['pull', sibling]);
      expect(await client.dockerOk(['run', '--rm', '--network', 'none', sibling])).toBe('sibling');
    });

    test('after docker logout a private name is denied, and so is one that does not exist', async () => {
      await client.dockerOk(['logout', berth.host]);
      await removeImages(client);
      const there = await client.docker(['pull', image]);
      const missing = await client.docker(['pull', `${berth.host}/team/none:1`]);
      expectDenied(there);
      expectDenied(missing);
      expect(missing.output.replaceAll('team/none', 'team/app')).toBe(there.output);
    });
  });

  describe.each([
    { road: commandLine, by: 'the command line' },
    { road: administrationApi, by: 'calls of /api/v1' },
  ])('share and deny, with $by', ({ road }) => {
    let berth: BerthProcess;
    let administration: Administration;
    let alices: DockerClient;
    let bobs: DockerClient;
    let bobsGrant: string;
    const image = (repository: string) => `${berth.host}/${repository}:1`;

    beforeAll(async () => {
      berth = await startBerth({
        env: { BERTH_ADMIN_PASSWORD: admin.password, REGISTRY_LOG_LEVEL: 'debug' },
      });
      administration = road.admin(berth, admin);
      alices = await engines[0]!.client(`alice-${new URL(berth.url).port}`);
      bobs = await engines[1]!.client(`bob-${new URL(berth.url).port}`);
    }, timeout);

    afterAll(() => berth?.remove(), timeout);

    const loginAs = (client: DockerClient, name: string, input: string) =>
      client.dockerOk(['login', berth.host, '-u', name, '--password-stdin'], { input });

    test('the admin adds two users and a team, and gives the team team/**', async () => {
      await administration.addUser(alice);
      await administration.addUser(bob);
      await administration.addTeam('core');
      await administration.addMember('core', 'alice');
      const id = await administration.grant({ subject: 'team:core', role: 'writer', repository: 'team/**' });
      expect(id).toMatch(/^\S+$/);
      await loginAs(alices, 'alice', alice.password);
      await loginAs(bobs, 'bob', bob.password);
    });

    test('Alice pushes team/app, and Bob is denied', async () => {
      await buildImage(alices, image('team/app'), 'the app');
      await alices.dockerOk(['push', image('team/app')]);
      expectDenied(await bobs.docker(['pull', image('team/app')]));
    });

    test('explain says why, and what would change it', async () => {
      const explained = await administration.explain('bob', 'pull', 'team/app');
      expect(explained).toContain('bob may not pull team/app: no grant gives pull on team/app');
      expect(explained).toContain('bob is not a member of team core');
      expect(explained).toContain('berth grant add user:bob reader team/app');
    });

    test('with a grant Bob pulls, and cannot push', async () => {
      bobsGrant = await administration.grant({ subject: 'user:bob', role: 'reader', repository: 'team/app' });
      await bobs.dockerOk(['pull', image('team/app')]);
      expect(await bobs.dockerOk(['run', '--rm', '--network', 'none', image('team/app')])).toBe('the app');
      expectDenied(await bobs.docker(['push', image('team/app')]));
      expect(await administration.explain('bob', 'pull', 'team/app')).toContain(
        `grant ${bobsGrant} gives pull`,
      );
    });

    test('when the grant is removed, the token that Bob holds is refused at once', async () => {
      const token = await fetchToken(berth, 'repository:team/app:pull', bob);
      expect((await fetchWith(berth, token, 'team/app/manifests/1')).status).toBe(200);
      await administration.removeGrant(bobsGrant);
      expect((await fetchWith(berth, token, 'team/app/manifests/1')).status).toBe(401);
      expectDenied(await bobs.docker(['pull', image('team/app')]));
    });

    test('Alice shares alice/tool with Bob herself, and cannot share team/other', async () => {
      for (const repository of ['alice/tool', 'team/other']) {
        await buildImage(alices, image(repository), repository);
        await alices.dockerOk(['push', image(repository)]);
      }
      const herself = road.as(berth, alice);
      await herself.grant({ subject: 'user:bob', role: 'reader', repository: 'alice/tool' });
      await bobs.dockerOk(['pull', image('alice/tool')]);
      await expect(
        herself.grant({ subject: 'user:bob', role: 'reader', repository: 'team/other' }),
      ).rejects.toThrow(/team\/other/);
      expectDenied(await bobs.docker(['pull', image('team/other')]));
    });

    test('a token of Alice for pulls of team/app opens that and nothing else', async () => {
      const printed = await administration.createToken('ci', 'alice', 'team/app', 'pull');
      const secrets = printed.match(/\bbrt_[0-9A-Za-z]{36}\b/g) ?? [];
      expect(secrets).toHaveLength(1);
      const ci = await engines[1]!.client(`ci-${new URL(berth.url).port}`);
      await loginAs(ci, 'alice', secrets[0]!);
      await removeImages(ci);
      await ci.dockerOk(['pull', image('team/app')]);
      expectDenied(await ci.docker(['push', image('team/app')]));
      expectDenied(await ci.docker(['pull', image('team/other')]));
      expectDenied(await ci.docker(['pull', image('alice/tool')]));
      expect(await catalogOf(berth, { name: 'alice', password: secrets[0]! })).toEqual(['team/app']);
    });

    test('the catalog and the lists of tags show each person what he may pull', async () => {
      expect(await catalogOf(berth, alice)).toEqual(['alice/tool', 'team/app', 'team/other']);
      expect(await catalogOf(berth, bob)).toEqual(['alice/tool']);
      expect(await catalogOf(berth)).toEqual([]);
      expect(await tagsOf(berth, 'team/app', alice)).toEqual(['1']);
      expect(await tagsOf(berth, 'alice/tool', bob)).toEqual(['1']);
      expect(await tagsOf(berth, 'team/app', bob)).toBe(401);
      expect(await tagsOf(berth, 'team/none', bob)).toBe(401);
      expect(await tagsOf(berth, 'alice/tool')).toBe(401);
    });

    test('the log holds no password, no token and no Authorization value', () => {
      const log = berth.output();
      const secrets = [admin, alice, bob].flatMap((who) => [who.password, basic(who).slice('Basic '.length)]);
      expect(log.trim().split('\n').length).toBeGreaterThan(20);
      expect(secrets.filter((secret) => log.includes(secret))).toEqual([]);
      // The beginnings of a personal access token, and of the header of a JWT.
      expect(log).not.toMatch(/brt_[0-9A-Za-z]|eyJ[0-9A-Za-z]/);
    });
  });
});
