import { expect, test } from 'vitest';
import { readBerthEnvironment } from './environment.ts';

test.each([
  [{}, {}],
  [{ BERTH_ADMIN_PASSWORD: '' }, {}],
  [{ BERTH_ADMIN_PASSWORD: 'a', OTHER: 'b' }, { adminPassword: 'a' }],
  [
    { BERTH_SERVER: 's', BERTH_USER: 'u', BERTH_PASSWORD: 'p', BERTH_TOKEN: 't' },
    { server: 's', user: 'u', password: 'p', token: 't' },
  ],
])('%j gives %j', (env, expected) => {
  expect(readBerthEnvironment(env)).toEqual(expected);
});
