import { Writable } from 'node:stream';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { basic, password, startRegistry } from './support/registry.ts';

test('security 37: no password, token or Authorization value is ever logged', async () => {
  const lines: string[] = [];
  const sink = new Writable({ write: (chunk, _, done) => (lines.push(String(chunk)), done()) });
  const registry = await startRegistry({ logger: pino({ level: 'trace' }, sink) });
  const wrong = 'a wrong password, also secret';
  const authorization = basic({ user: 'admin', password });
  const get = (path: string, header: string) =>
    fetch(`${registry.url}${path}`, { headers: { authorization: header } });

  const token = await registry.token(['repository:team/app:pull,push']);
  const { body } = await registry.api('POST', '/tokens', { name: 'ci' });
  await registry.api('POST', '/users', { name: 'alice', password: 'the password of alice' });
  const form = new URLSearchParams({
    grant_type: 'password',
    service: 'berth',
    client_id: 'test',
    access_type: 'offline',
    username: 'admin',
    password,
  });
  const offline = await fetch(`${registry.url}/auth/token`, { method: 'POST', body: form });
  const { refresh_token: refreshToken } = (await offline.json()) as { refresh_token: string };
  await get('/v2/', `Bearer ${token}`);
  await get('/v2/', `Bearer ${token.slice(0, -3)}xyz`);
  await get('/v2/', basic({ user: 'admin', password: wrong }));
  await get(`/v2/?password=${encodeURIComponent(password)}`, authorization);
  await get('/api/v1/me', `Bearer ${body.secret}`);
  await registry.remove();

  const log = lines.join('');
  expect(log).toContain('"path":"/v2/"');
  expect(log).toContain('"id":"');
  for (const secret of [
    password,
    wrong,
    token,
    body.secret,
    refreshToken,
    'the password of alice',
    authorization.slice(6),
  ]) {
    expect(secret).toMatch(/.{8}/);
    expect(log).not.toContain(secret);
    expect(log).not.toContain(encodeURIComponent(secret));
  }
  expect(log).not.toMatch(/authorization/i);
});
