import { expect, test } from 'vitest';
import { toAuditRow } from './audit-row.ts';
import { cpuTime } from '@berth/protocol/testing';

const event = { action: 'user.delete', outcome: 'denied', actor: 'alice' } as const;

const basic = Buffer.from('{"username":"alice","password":"correct horse"}').toString('base64url');
const header = Buffer.from('{"alg":"ES256","typ":"JWT"}').toString('base64url');

test.each([
  ['a JSON web token', `${header}.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl`],
  ['a JSON web token without its signature', `${header}.eyJzdWIiOiJhbGljZSJ9`],
  ['what docker sends as X-Registry-Auth', basic],
  ['a personal access token', `brt_${'a1'.repeat(20)}`],
  ['a hash', '$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA'],
])('%s that somebody pasted is not kept', (_, secret) => {
  const { target, reason, after } = toAuditRow(
    { ...event, target: `/users/${secret}`, reason: secret, after: { comment: `token:\n${secret}` } },
    0,
  );
  expect([target, reason]).toEqual(['/users/***', '***']);
  expect(after).toBe('{"comment":"token:\\n***"}');
});

test('the id of a key is kept, whatever its random characters are', () => {
  for (const at of [0, 5, 32, 40]) {
    const kid = `${'x'.repeat(at)}eyJ${'x'.repeat(40 - at)}`;
    expect(toAuditRow({ ...event, action: 'key.remove', target: kid }, 0).target).toBe(kid);
    expect(toAuditRow({ ...event, after: { kid } }, 0).after).toBe(JSON.stringify({ kid }));
  }
});

test.each([
  ['the beginnings of tokens, too short each', 'eyJabcdefghijk '],
  ['the beginnings of tokens', 'eyJ'],
  ['the beginnings of personal access tokens', 'brt_'],
  ['the beginnings of hashes', '$argon2'],
  ['the beginnings of hashes, in one', 'argon2'],
])('a path of %s takes no time', async (_, part) => {
  const target = `$${part.repeat(16_000 / part.length)}`;
  const tenTimes = () => {
    for (let count = 0; count < 10; count += 1) toAuditRow({ ...event, target }, 0);
  };
  expect(await cpuTime(tenTimes)).toBeLessThan(300);
});
