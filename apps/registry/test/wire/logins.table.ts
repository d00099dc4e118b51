import { basic, password } from '../support/registry.ts';
import { challenge, manifestOf, type Row, type Table } from './row.ts';
import { accessTo, ask, endpoint, pull } from './token-request.ts';

const form = 'application/x-www-form-urlencoded';

function post(fields: Record<string, string>): Pick<Row, 'ask' | 'by' | 'type' | 'body'> {
  return { ask: ['POST', endpoint], by: 'nobody', type: form, body: String(new URLSearchParams(fields)) };
}

const login = { grant_type: 'password', username: 'admin', password, service: 'berth' };

const people: readonly Row[] = [
  {
    rule: 16,
    it: 'a wrong password',
    ask: ask(`scope=${pull}`),
    by: 'nobody',
    headers: { authorization: basic({ user: 'admin', password: 'wrong' }) },
    is: [401, 'UNAUTHORIZED'],
    answers: { 'www-authenticate': 'Basic realm="Berth"', 'cache-control': 'no-store' },
  },
  {
    rule: 16,
    it: 'a wrong password, although nothing is asked for',
    ask: ask('service=berth'),
    by: 'nobody',
    headers: { authorization: basic({ user: 'nobody-here', password: 'wrong' }) },
    is: [401, 'UNAUTHORIZED'],
  },
  {
    rule: 16,
    it: 'a wrong password in a form',
    ...post({ ...login, password: 'wrong' }),
    is: [401, 'UNAUTHORIZED'],
  },
  {
    it: 'what is no Basic',
    ask: ask('service=berth'),
    by: 'nobody',
    headers: { authorization: 'Bearer abc' },
    is: [401, 'UNAUTHORIZED'],
  },
  {
    rule: 32,
    it: 'podman without an account',
    ask: ask('scope=repository:open/app:pull,push'),
    by: 'nobody',
    headers: { authorization: 'Basic Og==' },
    is: [200],
    claims: { sub: '', access: [accessTo('open/app', 'pull')] },
  },
  {
    rule: 32,
    it: 'a name without a password',
    ask: ask('scope=repository:open/app:pull'),
    by: 'nobody',
    headers: { authorization: basic({ user: 'admin', password: '' }) },
    is: [200],
    claims: { sub: '', access: [accessTo('open/app', 'pull')] },
  },
  {
    rule: 33,
    it: 'nobody, for what is public and what is not',
    ask: ask(`scope=repository:open/app:pull&scope=${pull}`),
    by: 'nobody',
    is: [200],
    claims: { sub: '', access: [accessTo('open/app', 'pull')] },
  },
  {
    rule: 34,
    it: 'the account in the query is nobody',
    ask: ask(`account=admin&scope=${pull}`),
    by: 'stranger-password',
    is: [200],
    claims: { sub: 'stranger', access: [] },
  },
  {
    it: 'a personal access token is made',
    ask: ['POST', '/api/v1/tokens'],
    by: 'writer-password',
    type: 'application/json',
    body: '{"name":"laptop"}',
    is: [201],
    keepsField: { secret: 'secret' },
  },
  {
    rule: 34,
    it: 'it works under any user name',
    ...post({ ...login, username: 'whoever', password: '$secret', scope: pull }),
    body: `grant_type=password&username=whoever&password=$secret&scope=${pull}`,
    is: [200],
    claims: { sub: 'writer', access: [accessTo('team/app', 'pull')] },
  },
  {
    rule: 35,
    it: 'an empty service',
    ask: ask('service='),
    by: 'password',
    is: [200],
    claims: { aud: 'berth' },
  },
  { rule: 35, it: 'no service', ask: ask(''), by: 'password', is: [200], claims: { aud: 'berth' } },
  {
    rule: 35,
    it: 'a service that nobody knows',
    ask: ask('service=bank'),
    by: 'password',
    is: [400, 'BAD_REQUEST'],
  },
  {
    rule: 41,
    it: 'another method',
    ask: ['PUT', endpoint],
    by: 'nobody',
    is: [405, 'UNSUPPORTED'],
    answers: { allow: 'GET, POST', 'content-type': 'application/json' },
  },
];

const forms: readonly Row[] = [
  {
    rule: 17,
    it: 'a password in a form',
    ...post({ ...login, scope: pull }),
    is: [200],
    claims: { sub: 'admin', access: [accessTo('team/app', 'pull')] },
  },
  {
    rule: 23,
    it: 'the answer to a form names the scope and the seconds',
    ...post({ ...login, scope: `${pull} repository:not/there:fly` }),
    is: [200],
    text: /"expires_in":300,.*"token_type":"Bearer","scope":"repository:team\/app:pull"\}$/,
  },
  {
    rule: 19,
    it: 'no refresh token unasked',
    ...post(login),
    is: [200],
    text: /^(?!.*refresh_token)/,
  },
  {
    rule: 19,
    it: 'a refresh token when it is asked for',
    ask: ask('service=berth&offline_token=true'),
    by: 'password',
    is: [200],
    text: /"refresh_token":"[^"]+"/,
    keepsField: { refresh: 'refresh_token' },
  },
  {
    rule: 18,
    it: 'it gives a token',
    ...post({ grant_type: 'refresh_token', service: 'berth', scope: pull }),
    body: `grant_type=refresh_token&refresh_token=$refresh&service=berth&scope=${pull}`,
    is: [200],
    claims: { sub: 'admin', access: [accessTo('team/app', 'pull')] },
  },
  {
    rule: 20,
    it: 'it gives another, and another, at once',
    ...post({}),
    body: `grant_type=refresh_token&refresh_token=$refresh&service=berth&scope=${pull}`,
    crowd: { size: 5, answered: 'all' },
    is: [200],
    claims: { sub: 'admin' },
  },
  {
    it: 'another refresh token',
    ...post({ grant_type: 'refresh_token', refresh_token: 'nonsense' }),
    is: [401, 'UNAUTHORIZED'],
  },
  {
    rule: 53,
    it: 'a form in chunks, without its length',
    ...post({ ...login, scope: pull }),
    headers: { 'transfer-encoding': 'chunked' },
    is: [200],
    claims: { access: [accessTo('team/app', 'pull')] },
  },
  { it: 'no grant type', ...post({ username: 'admin' }), is: [400, 'BAD_REQUEST'] },
  { it: 'a form with credentials in two places', ...post(login), by: 'password', is: [400, 'BAD_REQUEST'] },
  {
    it: 'a form that is too long',
    ...post({ ...login, scope: 'x'.repeat(65_536) }),
    is: [413, 'PAYLOAD_TOO_LARGE'],
  },
  {
    rule: 45,
    it: 'too many wrong passwords at once',
    ask: ask('service=berth'),
    by: 'nobody',
    headers: { authorization: basic({ user: 'admin', password: 'one of many' }) },
    crowd: { size: 200, answered: 'one' },
    is: [429, 'TOOMANYREQUESTS'],
    answers: { 'retry-after': /^\d+$/, 'www-authenticate': null },
  },
  {
    rule: 10,
    it: 'the token is no longer good when it is changed',
    ask: ['GET', manifestOf('1')],
    by: 'nobody',
    headers: { authorization: 'Bearer eyJhbGciOiJub25lIn0.e30.' },
    is: [401, 'UNAUTHORIZED'],
    answers: challenge(pull, 'invalid_token'),
  },
];

export const logins: Table = { name: 'logins', rows: [...people, ...forms] };
