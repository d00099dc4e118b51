import { expect, test } from 'vitest';
import { loadConfiguration } from './config/index.ts';
import { configuredHost } from './registry-host.ts';

test.each([
  [{}, 'localhost:5000'],
  [{ REGISTRY_HTTP_ADDR: '127.0.0.1:6000' }, 'localhost:6000'],
  [{ REGISTRY_HTTP_ADDR: '192.0.2.1:6000' }, '192.0.2.1:6000'],
  [{ REGISTRY_HTTP_ADDR: '[2001:db8::1]:6000' }, '[2001:db8::1]:6000'],
  [{ REGISTRY_HTTP_HOST: 'https://berth.example' }, 'berth.example'],
  [{ REGISTRY_HTTP_ADDR: ':0', REGISTRY_HTTP_HOST: 'https://berth.example:8443' }, 'berth.example:8443'],
  [{ REGISTRY_HTTP_ADDR: ':0' }, undefined],
])('with %j clients name the registry %s', (env, host) => {
  const { configuration } = loadConfiguration({ env, cwd: '/', systemPaths: [] });
  expect(configuredHost(configuration)).toBe(host);
});
