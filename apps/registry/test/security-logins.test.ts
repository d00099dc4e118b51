import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../src/cli/testing/hosts.ts';
import { newUser, type Somebody } from './support/people.ts';
import { basic, imageManifest, imageType, sha256, startRegistry, type Registry } from './support/registry.ts';

/** Passwords: who guesses them, and where they are sent: by the numbers of `docs/interoperability.md`. */
let registry: Registry;
let alice: Somebody;

beforeAll(async () => {
  registry = await startRegistry();
  alice = await newUser(registry, 'alice');
});

afterAll(() => registry.remove());

/** A login as it arrives through the proxy in front, which is trusted. */
function login(user: string, password: string, address: string): Promise<Response> {
  const headers = { authorization: basic({ user, password }), 'x-forwarded-for': address };
  return fetch(`${registry.url}/auth/token?service=berth`, { headers });
}

describe('20: who guesses a password', { timeout: 180_000 }, () => {
  test('is slowed down, with the right one too, and its owner elsewhere is not', async () => {
    const statuses = [];
    for (let guess = 0; guess < 12; guess += 1) {
      statuses.push((await login('alice', `guess ${guess}`, '192.0.2.1')).status);
    }
    expect(statuses.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 401));
    expect(statuses.slice(10)).toEqual([429, 429]);
    const right = await login('alice', 'password of alice', '192.0.2.1');
    expect([right.status, Number(right.headers.get('retry-after'))]).toEqual([429, expect.any(Number)]);
    expect(Number(right.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await login('alice', 'password of alice', '192.0.2.2')).status).toBe(200);
  });

  test('gains nothing by addresses that he writes down himself', async () => {
    const bob = await newUser(registry, 'bob');
    const statuses = [];
    for (let guess = 0; guess < 11; guess += 1) {
      const claimed = `203.0.113.${guess}, 192.0.2.9`;
      statuses.push((await login(bob.name, `guess ${guess}`, claimed)).status);
    }
    expect(statuses.at(-1)).toBe(429);
  });
});

describe('19: many logins at once', { timeout: 180_000 }, () => {
  const scope = ['repository:alice/app:pull,push'];

  test('are refused in part, and pulls and access tokens go on meanwhile', async () => {
    await alice.v2('POST', `alice/app/blobs/uploads/?digest=${sha256('{}')}`, scope, { body: '{}' });
    const headers = { 'content-type': imageType };
    await alice.v2('PUT', 'alice/app/manifests/1', scope, { body: imageManifest('{}', []), headers });
    const { token } = await alice.token(scope);
    const { body } = await alice.api('POST', '/tokens', { name: 'ci' });
    let ended = 0;
    const flood = Array.from({ length: 200 }, (_, index) =>
      login(`user-${index}`, 'a wrong password', `198.51.100.${index}`).finally(() => (ended += 1)),
    );
    for (let pull = 0; pull < 10; pull += 1) {
      const bearer = { authorization: `Bearer ${token}` };
      expect((await fetch(`${registry.url}/v2/alice/app/manifests/1`, { headers: bearer })).status).toBe(200);
      expect((await login('whoever', body.secret, '192.0.2.30')).status).toBe(200);
    }
    expect(ended, 'some of them still waited').toBeLessThan(200);
    const answers = await Promise.all(flood);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401, 429]));
    for (const answer of answers.filter(({ status }) => status === 429))
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  });
});

describe('32: a redirect to another place', () => {
  let evil: Server;
  const seen: (string | undefined)[] = [];

  beforeAll(async () => {
    evil = createServer((request, response) => {
      seen.push(request.headers.authorization);
      response.end('{}');
    });
    evil.listen(0, '127.0.0.1');
    await once(evil, 'listening');
  });

  afterAll(() => void evil.close());

  test.each([301, 302, 303, 307, 308])('%i takes no password of the berth command along', async (status) => {
    const { port } = evil.address() as AddressInfo;
    const redirecting = createServer((_, response) => {
      response.writeHead(status, { location: `http://localhost:${port}/api/v1/users` }).end();
    });
    redirecting.listen(0, '127.0.0.1');
    await once(redirecting, 'listening');
    const server = `http://127.0.0.1:${(redirecting.address() as AddressInfo).port}`;
    for (const args of [
      ['user', 'list'],
      ['user', 'rm', 'bob'],
    ]) {
      const { code } = await run(args, { environment: { server, user: 'alice', password: 'a secret' } });
      expect(code).not.toBe(0);
    }
    redirecting.close();
    expect(seen).toEqual([]);
  });

  test('is never what the token endpoint or the registry says of itself', async () => {
    const paths = [
      '/auth/token',
      '/auth/token/',
      '/v2',
      '/v2/',
      '//evil.example/v2/',
      '/v2//evil.example',
      '/',
    ];
    for (const path of paths) {
      const headers = { authorization: alice.authorization };
      const { status } = await fetch(`${registry.url}${path}`, { headers, redirect: 'manual' });
      expect([path, status >= 300 && status < 400]).toEqual([path, false]);
    }
  });
});
