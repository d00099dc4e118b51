import { absent, digest, layerDigest, type Row, type Table } from './row.ts';

const api = (path: string) => `/api/v1${path}`;
const json = 'application/json';

/** A change by the admin. */
function change(method: string, path: string, body: string): Pick<Row, 'ask' | 'by' | 'type' | 'body'> {
  return { ask: [method, api(path)], by: 'password', type: json, body };
}

const doors: readonly Row[] = [
  { it: 'an unknown call', ask: ['GET', api('/nothing')], by: 'password', is: [404, 'NOT_FOUND'] },
  ...[
    '/me',
    '/users',
    '/grants',
    '/tokens',
    '/repositories',
    '/repositories/team/app',
    '/keys',
    '/audit',
  ].map((path): Row => ({
    it: `${path} without credentials`,
    ask: ['GET', api(path)],
    by: 'nobody',
    is: [401, 'UNAUTHORIZED'],
    answers: { 'www-authenticate': 'Basic realm="Berth"' },
  })),
  { it: 'a token of the registry is no credential', ask: ['GET', api('/me')], is: [401, 'UNAUTHORIZED'] },
  {
    it: 'who one is',
    ask: ['GET', api('/me')],
    by: 'writer-password',
    is: [200],
    text: '{"name":"writer","kind":"user","admin":false,"teams":[]}',
    answers: { 'cache-control': 'no-store' },
  },
  { it: 'its head', ask: ['HEAD', api('/me')], by: 'password', is: [200], mirrorsGet: true },
  {
    it: 'a wrong method',
    ask: ['PATCH', api('/grants')],
    by: 'password',
    is: [405, 'UNSUPPORTED'],
    answers: { allow: 'GET, HEAD, POST' },
  },
];

const bodies: readonly Row[] = [
  {
    it: 'a change as a form',
    ...change('POST', '/users', '{"name":"eve"}'),
    type: 'text/plain',
    is: [415, 'BAD_REQUEST'],
  },
  {
    it: 'a change without a type',
    ...change('POST', '/users', '{"name":"eve"}'),
    type: '',
    is: [415, 'BAD_REQUEST'],
  },
  {
    it: 'a type with parameters',
    ...change('POST', '/users', '{"name":"Eve"}'),
    type: `${json}; charset=utf-8`,
    is: [400, 'BAD_REQUEST'],
    text: /name: must be lower-case/,
  },
  {
    it: 'a change that is not JSON',
    ...change('POST', '/users', '{"name"'),
    is: [400, 'BAD_REQUEST'],
    text: /not JSON/,
  },
  { it: 'a change without a body', ...change('POST', '/users', ''), is: [400, 'BAD_REQUEST'] },
  {
    it: 'a change with an unknown field',
    ...change('POST', '/users', '{"name":"eve","root":true}'),
    is: [400, 'BAD_REQUEST'],
    text: /root/,
  },
  {
    it: 'a short password',
    ...change('POST', '/users', '{"name":"eve","password":"x"}'),
    is: [400, 'BAD_REQUEST'],
    text: /password/,
  },
  {
    it: 'a change that is too long',
    ...change('POST', '/users', ' '.repeat(1024 * 1024 + 1)),
    is: [413, 'PAYLOAD_TOO_LARGE'],
  },
  {
    it: 'a list of nothing',
    ask: ['GET', api('/users?n=0')],
    by: 'password',
    is: [400, 'BAD_REQUEST'],
    text: /"n: /,
  },
  {
    it: 'an unknown parameter',
    ask: ['GET', api('/users?page=2')],
    by: 'password',
    is: [400, 'BAD_REQUEST'],
    text: /page/,
  },
];

const people: readonly Row[] = [
  { it: 'a user', ...change('POST', '/users', '{"name":"eve"}'), is: [201], text: /"name":"eve"/ },
  { it: 'the same user again', ...change('POST', '/users', '{"name":"eve"}'), is: [409, 'CONFLICT'] },
  {
    it: 'a reserved name',
    ...change('POST', '/users', '{"name":"library"}'),
    is: [409, 'CONFLICT'],
    text: /reserved/,
  },
  {
    it: 'a name with repositories below',
    ...change('POST', '/users', '{"name":"team"}'),
    is: [409, 'CONFLICT'],
    text: /handover/,
  },
  {
    it: 'a user by who is no admin',
    ...change('POST', '/users', '{"name":"mallory"}'),
    by: 'stranger-password',
    is: [403, 'DENIED'],
  },
  {
    it: 'a user that is not there',
    ask: ['GET', api('/users/mallory')],
    by: 'password',
    is: [404, 'NOT_FOUND'],
  },
  {
    it: 'the last admin goes',
    ...change('DELETE', '/users/admin', ''),
    is: [409, 'CONFLICT'],
    text: /last administrator/,
  },
  { it: 'a user goes', ...change('DELETE', '/users/eve', ''), is: [204], text: '' },
  { it: 'the same user again', ...change('DELETE', '/users/eve', ''), is: [404, 'NOT_FOUND'] },
  {
    it: 'the keys, by who is no admin',
    ask: ['GET', api('/keys')],
    by: 'writer-password',
    is: [403, 'DENIED'],
  },
  {
    it: 'the audit, by who is no admin',
    ask: ['GET', api('/audit')],
    by: 'writer-password',
    is: [403, 'DENIED'],
  },
  {
    it: 'another password with a wrong one',
    ...change('PUT', '/me/password', '{"current":"wrong","new":"a new password"}'),
    is: [403, 'DENIED'],
    text: /not your password/,
  },
];

const grant = (more: object) =>
  JSON.stringify({ subject: 'user:stranger', repository: 'team/app', role: 'reader', ...more });

const grants: readonly Row[] = [
  {
    it: 'a grant to nobody',
    ...change('POST', '/grants', grant({ subject: 'bob' })),
    is: [400, 'BAD_REQUEST'],
    text: /subject/,
  },
  {
    it: 'a grant of an unknown role',
    ...change('POST', '/grants', grant({ role: 'king' })),
    is: [400, 'BAD_REQUEST'],
    text: /role/,
  },
  {
    it: 'a grant of a role and actions',
    ...change('POST', '/grants', grant({ actions: ['pull'] })),
    is: [400, 'BAD_REQUEST'],
    text: /either a role or actions/,
  },
  {
    it: 'a grant on what is no pattern',
    ...change('POST', '/grants', grant({ repository: 'team/*/app' })),
    is: [400, 'BAD_REQUEST'],
    text: /repository/,
  },
  {
    it: 'a grant that is over',
    ...change('POST', '/grants', grant({ expiresAt: '2020-01-01T00:00:00Z' })),
    is: [400, 'BAD_REQUEST'],
    text: /must be in the future/,
  },
  {
    it: 'a grant by who has none to give',
    ...change('POST', '/grants', grant({})),
    by: 'writer-password',
    is: [403, 'DENIED'],
  },
  { it: 'a grant', ...change('POST', '/grants', grant({})), is: [201], keepsField: { grant: 'id' } },
  {
    it: 'it, read back',
    ask: ['GET', api('/grants/$grant')],
    by: 'password',
    is: [200],
    text: /"role":"reader"/,
  },
  {
    it: 'it, by who may not see it',
    ask: ['GET', api('/grants/$grant')],
    by: 'writer-password',
    is: [404, 'NOT_FOUND'],
  },
  { it: 'it goes', ...change('DELETE', '/grants/$grant', ''), is: [204] },
  { it: 'it is gone', ask: ['GET', api('/grants/$grant')], by: 'password', is: [404, 'NOT_FOUND'] },
];

const repositories: readonly Row[] = [
  {
    it: 'a repository that is not there',
    ask: ['GET', api('/repositories/team/nothing')],
    by: 'password',
    is: [404, 'NOT_FOUND'],
  },
  {
    it: 'one that is hidden',
    ask: ['GET', api('/repositories/secret/app')],
    by: 'stranger-password',
    is: [404, 'NOT_FOUND'],
  },
  {
    it: 'a name that is none',
    ask: ['GET', api('/repositories/Team')],
    by: 'password',
    is: [400, 'NAME_INVALID'],
  },
  {
    it: 'a repository',
    ask: ['GET', api('/repositories/team/app')],
    by: 'password',
    is: [200],
    text: /^{"name":"team\/app","visibility":"private","immutableTags":\[],"description":"","tags":\d+,"manifests":\d+,"blobs":\d+,"size":\d+}$/,
  },
  {
    it: 'its tags',
    ask: ['GET', api('/repositories/team/app/-/tags')],
    by: 'password',
    is: [200],
    text: /"size":\d+,"pushedAt":"[^"]+","pushedBy":"admin"/,
  },
  {
    it: 'a manifest by its tag',
    ask: ['GET', api('/repositories/team/app/-/manifests/1')],
    by: 'password',
    is: [200],
    text: new RegExp(`^{"digest":"${digest}",.*"layers":\\[{"digest":"${layerDigest}"`),
  },
  {
    it: 'by its digest',
    ask: ['GET', api(`/repositories/team/app/-/manifests/${digest}`)],
    by: 'password',
    is: [200],
    text: /"tags":\["1"/,
  },
  {
    it: 'by a digest that is not there',
    ask: ['GET', api(`/repositories/team/app/-/manifests/${absent}`)],
    by: 'password',
    is: [404, 'MANIFEST_UNKNOWN'],
  },
  {
    it: 'by a tag that is not there',
    ask: ['GET', api('/repositories/team/app/-/manifests/none')],
    by: 'password',
    is: [404, 'MANIFEST_UNKNOWN'],
  },
  {
    it: 'by what is neither',
    ask: ['GET', api('/repositories/team/app/-/manifests/sha256:1')],
    by: 'password',
    is: [400, 'DIGEST_INVALID'],
  },
  {
    it: 'of a repository that is hidden',
    ask: ['GET', api(`/repositories/secret/app/-/manifests/${digest}`)],
    by: 'stranger-password',
    is: [404, 'NOT_FOUND'],
  },
  {
    it: 'a change of nothing',
    ...change('PATCH', '/repositories/team/app', '{}'),
    is: [200],
    text: /"visibility":"private"/,
  },
  {
    it: 'a visibility that is none',
    ...change('PATCH', '/repositories/team/app', '{"visibility":"open"}'),
    is: [400, 'BAD_REQUEST'],
    text: /visibility/,
  },
  {
    it: 'a change by who may only push',
    ...change('PATCH', '/repositories/team/app', '{}'),
    by: 'writer-password',
    is: [403, 'DENIED'],
  },
  {
    it: 'its deletion by who may only push',
    ...change('DELETE', '/repositories/team/app', ''),
    by: 'writer-password',
    is: [403, 'DENIED'],
  },
  {
    it: 'the deletion of one that is hidden',
    ...change('DELETE', '/repositories/secret/app', ''),
    by: 'stranger-password',
    is: [404, 'NOT_FOUND'],
  },
  {
    it: 'the deletion of one that is not there',
    ...change('DELETE', '/repositories/team/nothing', ''),
    is: [404, 'NOT_FOUND'],
  },
  {
    it: 'why, of another, by who may not know',
    ...change('POST', '/explain', '{"subject":"user:admin","repository":"team/app","actions":["pull"]}'),
    by: 'stranger-password',
    is: [404, 'NOT_FOUND'],
  },
  {
    it: 'why, of oneself',
    ...change('POST', '/explain', '{"repository":"team/app","actions":["pull"]}'),
    by: 'stranger-password',
    is: [200],
    text: /"allowed":false/,
  },
  {
    it: 'an action that nobody knows',
    ...change('POST', '/explain', '{"repository":"team/app","actions":["fly"]}'),
    is: [400, 'BAD_REQUEST'],
    text: /actions/,
  },
];

export const administration: Table = {
  name: 'administration',
  rows: [...doors, ...bodies, ...people, ...grants, ...repositories],
};
