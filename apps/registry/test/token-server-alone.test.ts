import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { openDatabase } from '@berth/database';
import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { berth as runBerth } from './support/berth-process.ts';
import { clientTimeout as timeout } from './support/clients.ts';
import { startTokenServerAlone, type TokenServerAlone } from './support/token-server-alone.ts';

let alone: TokenServerAlone;

beforeAll(async () => {
  const people = ['writer', 'publisher'].map((name) => ({ name, password: `the-password-of-the-${name}` }));
  const services = [
    { name: 'two', keys: 'rootcertbundle' },
    { name: 'three', keys: 'jwks' },
  ] as const;
  alone = await startTokenServerAlone({ services, people });
  for (const { name } of people) await alone.grant(name, name, 'team/**');
}, timeout);

afterAll(() => alone?.remove(), timeout);

describe('Berth with storage: none', { timeout }, () => {
  test.each(['/v2/', '/v2', '/v2/team/app/manifests/1', '/v2/_catalog'])('%s is not there', async (path) => {
    const answer = await fetch(`${alone.berth.url}${path}`);
    const [error] = ((await answer.json()) as { errors: { code: string; message: string }[] }).errors;
    expect([answer.status, error?.code]).toEqual([404, 'NOT_FOUND']);
    expect(error?.message).toContain('this is a token server only (storage: none)');
    expect(answer.headers.has('docker-distribution-api-version')).toBe(false);
  });

  test.each(['/', '/healthz', '/.well-known/jwks.json'])('%s is', async (path) => {
    expect((await fetch(`${alone.berth.url}${path}`)).status).toBe(200);
  });

  test('its document has no calls about repositories, and is valid', async () => {
    const { body } = await alone.api('GET', '/openapi.json');
    const paths = Object.keys(body.paths);
    expect(paths).toEqual(expect.arrayContaining(['/users', '/grants', '/keys', '/audit', '/explain']));
    expect(paths.filter((path) => /repositor|gc|jobs|check|verify/.test(path))).toEqual([]);
    expect(await new Validator().validate(body)).toEqual({ valid: true });
  });

  test('its database is in the default folder and has no tables of a registry; there are no blobs', async () => {
    await access(join(alone.berth.folder, 'berth.db'));
    const database = await openDatabase(join(alone.berth.folder, 'berth.db'));
    const tables = await database.reader.introspection.getTables({ withInternalKyselyTables: true });
    await database.close();
    const names = tables.map(({ name }) => name);
    expect(names).toContain('access_grant');
    expect(names.filter((name) => /repository|blob|upload|manifest|distribution/.test(name))).toEqual([]);
    await expect(access(join(alone.berth.folder, 'docker'))).rejects.toThrow('ENOENT');
  });

  test('the start says what it is and what to do for each registry', () => {
    const output = alone.berth.output();
    expect(output).toContain('storage   none: this is a token server only');
    expect(output).toMatch(/tokens {4}http:\/\/localhost:\d+\/auth\/token/);
    expect(output).toMatch(/two: pnpm berth keys export --format pem > berth\.pem/);
    expect(output).toContain('rootcertbundle: /etc/distribution/berth.pem');
    expect(output).toMatch(/three: pnpm berth keys export > berth-jwks\.json/);
    expect(output).toContain('jwks: /etc/distribution/berth-jwks.json');
    expect(output).not.toMatch(/docker (login|push)/);
  });

  test.each([['list'], ['show', 'team/app'], ['tags', 'team/app'], ['access', 'team/app']])(
    'berth repository %s says that there are none',
    async (...args) => {
      const { code, output } = await alone.berth.berth(['repository', ...args]);
      expect([code, output]).toEqual([1, expect.stringContaining('token server only (storage: none)')]);
    },
  );

  test('explain says what a token would hold', async () => {
    expect(await alone.typed('explain', 'publisher', 'push', 'team/app')).toContain(
      'publisher may not push to team/app: a registry other than Berth needs overwrite for it',
    );
    expect(await alone.typed('explain', 'writer', 'push', 'team/app', '--service', 'two')).toContain(
      'the registry answers 200: the token gives what is asked',
    );
  });

  test('it does not start without a registry that tokens are for', async () => {
    const env = { PATH: process.env['PATH'], REGISTRY_STORAGE: 'none' };
    const { code, output } = await runBerth(['serve'], { env });
    expect([code, output]).toEqual([
      1,
      expect.stringContaining('REGISTRY_STORAGE: storage: none makes Berth'),
    ]);
  });
});
