import { expect } from 'vitest';
import { imageManifest, password, sha256 } from '../support/registry.ts';

/** Of a password that was `imported` elsewhere. */
export const importedHash = '$2y$10$vI8aWBnW3fID.ZQ4/zo1G.q1lRps.9cGLcZEiGDMVr5yUP1KUOYTa';

export const config = '{}';
export const layer = 'a layer';
export const manifest = imageManifest(config, [layer]);
const digest = sha256(manifest);
const next = imageManifest(config, [layer], { annotations: { version: '2' } });

export interface Sent {
  readonly body?: object;
  /** In its place, to the registry API. */
  readonly content?: string;
  /** By password, where a token must not; else by a personal access token. */
  readonly by?: 'password';
  /** Also what is no change: it is denied, or fails. */
  readonly status?: number;
}

/** What is called; what is sent; the events that come of it, beside who made them, in their order. */
export type Row = readonly [call: string, sent: Sent, events: readonly object[]];

const done = { outcome: 'done' };
const user = (name: string, more: object = {}) =>
  expect.objectContaining({ name, admin: false, disabled: false, createdBy: 'admin', ...more });
const grantToAlice = { effect: 'allow', subject: 'user:alice', repository: 'team/**', createdBy: 'admin' };
const asGrant = expect.objectContaining(grantToAlice);
const tokenOf = (owner: string) => expect.objectContaining({ name: 'laptop', owner });
const app = { name: 'team/app', visibility: 'private', immutableTags: [], description: '' };
const changed = { visibility: 'internal', immutableTags: ['v*'], description: 'ours' };
const pushed = { ...done, action: 'registry.push', repository: 'team/app' };
const lost = (with_: string) => ({ ...done, reason: `deleted with ${with_}` });

/** `:id` is the id of what was made last. */
export const rows: readonly Row[] = [
  [
    'POST /users',
    { body: { name: 'alice', password: 'first of alice', email: 'a@example.org' } },
    [{ ...done, action: 'user.create', target: 'alice', after: user('alice', { email: 'a@example.org' }) }],
  ],
  [
    'POST /users',
    { body: { name: 'bob', passwordHash: importedHash } },
    [{ ...done, action: 'user.create', target: 'bob', after: user('bob') }],
  ],
  [
    'PATCH /users/alice',
    { body: { disabled: true, email: null } },
    [
      {
        ...done,
        action: 'user.update',
        target: 'alice',
        before: user('alice', { email: 'a@example.org' }),
        after: user('alice', { disabled: true }),
      },
    ],
  ],
  [
    'PATCH /users/alice',
    { body: { password: 'second of alice', disabled: false } },
    [
      {
        ...done,
        action: 'user.update',
        target: 'alice',
        before: user('alice', { disabled: true }),
        after: user('alice', { password: 'changed' }),
      },
    ],
  ],
  [
    'PATCH /users/alice',
    { body: { password: 'third of alice' } },
    [
      {
        ...done,
        action: 'user.password',
        target: 'alice',
        before: user('alice'),
        after: user('alice', { password: 'changed' }),
      },
    ],
  ],
  [
    'PUT /me/password',
    { body: { current: password, new: 'another of admin' }, by: 'password' },
    [{ ...done, action: 'user.password', target: 'admin', after: { password: 'changed' } }],
  ],
  [
    'PUT /me/password',
    { body: { current: 'another of admin', new: password }, by: 'password' },
    [{ ...done, action: 'user.password', target: 'admin', after: { password: 'changed' } }],
  ],
  [
    'POST /teams',
    { body: { name: 'core' } },
    [{ ...done, action: 'team.create', target: 'core', after: expect.objectContaining({ name: 'core' }) }],
  ],
  [
    'PUT /teams/core/members/alice',
    {},
    [{ ...done, action: 'member.add', target: 'core', after: { team: 'core', user: 'alice' } }],
  ],
  ['PUT /teams/core/members/alice', {}, []],
  [
    'DELETE /teams/core/members/alice',
    {},
    [{ ...done, action: 'member.remove', target: 'core', before: { team: 'core', user: 'alice' } }],
  ],
  [
    'POST /robots',
    { body: { name: 'ci', pattern: 'team/**' } },
    [
      {
        ...done,
        action: 'robot.create',
        target: 'ci',
        after: expect.objectContaining({ name: 'ci', pattern: 'team/**', disabled: false }),
      },
    ],
  ],
  [
    'PATCH /robots/ci',
    { body: { disabled: true } },
    [
      {
        ...done,
        action: 'robot.update',
        target: 'ci',
        before: expect.objectContaining({ pattern: 'team/**', disabled: false }),
        after: expect.objectContaining({ pattern: 'team/**', disabled: true }),
      },
    ],
  ],
  [
    'POST /tokens',
    { body: { name: 'laptop', robot: 'ci' } },
    [{ ...done, action: 'token.create', target: ':id', after: tokenOf('robot:ci') }],
  ],
  [
    'DELETE /robots/ci',
    {},
    [
      { ...lost('robot ci'), action: 'token.delete', target: ':id', before: tokenOf('robot:ci') },
      { ...done, action: 'robot.delete', target: 'ci', before: expect.objectContaining({ disabled: true }) },
    ],
  ],
  [
    'POST /tokens',
    { body: { name: 'laptop', user: 'bob' } },
    [{ ...done, action: 'token.create', target: ':id', after: tokenOf('user:bob') }],
  ],
  [
    'DELETE /tokens/:id',
    {},
    [{ ...done, action: 'token.delete', target: ':id', before: tokenOf('user:bob') }],
  ],
  [
    'POST /grants',
    { body: { subject: 'user:alice', repository: 'team/**', role: 'writer', comment: 'for now' } },
    [{ ...done, action: 'grant.create', target: ':id', repository: 'team/**', after: asGrant }],
  ],
  [
    'DELETE /grants/:id',
    {},
    [{ ...done, action: 'grant.delete', target: ':id', repository: 'team/**', before: asGrant }],
  ],
  [
    'PATCH /repositories/team/app',
    { body: changed },
    [
      {
        ...done,
        action: 'repository.change',
        repository: 'team/app',
        before: app,
        after: { ...app, ...changed },
      },
    ],
  ],
  ['PATCH /repositories/team/app', { body: changed }, []],
  [
    'PATCH /repositories/team/app',
    { body: { visibility: 'private', immutableTags: [] } },
    [{ ...done, action: 'repository.change', after: { ...app, description: 'ours' } }],
  ],
  [
    'POST /keys/rotate',
    {},
    [
      {
        ...done,
        action: 'key.rotate',
        target: ':id',
        before: { kid: expect.any(String), algorithm: 'ES256' },
        after: { kid: ':id', algorithm: 'ES256', signsFrom: expect.any(String) },
      },
    ],
  ],
  ['PATCH /repositories/team/gone', { body: { visibility: 'public' } }, [{}]],
  [
    'DELETE /repositories/team/gone',
    {},
    [
      {
        ...done,
        action: 'repository.delete',
        repository: 'team/gone',
        before: {
          name: 'team/gone',
          visibility: 'public',
          immutableTags: [],
          description: '',
          tags: 1,
          manifests: 1,
          blobs: 2,
          size: config.length + layer.length,
        },
      },
    ],
  ],
  [
    'PUT /v2/team/app/manifests/1.0',
    { content: manifest },
    [{ ...pushed, target: '1.0', after: { digest } }],
  ],
  [
    'PUT /v2/team/app/manifests/1.0',
    { content: next },
    [{ ...pushed, target: '1.0', before: { digest }, after: { digest: sha256(next) } }],
  ],
  ['PUT /v2/team/app/manifests/1.0', { content: next }, []],
  [`PUT /v2/team/app/manifests/${sha256(next)}`, { content: next }, []],
  [
    `PUT /v2/team/app/manifests/${sha256(next)}?tag=1.0&tag=2&tag=other`,
    { content: next },
    [
      { ...pushed, target: '2', after: { digest: sha256(next) } },
      { ...pushed, target: 'other', before: { digest }, after: { digest: sha256(next) } },
    ],
  ],
  ['PUT /v2/team/app/manifests/other', { content: manifest }, [{ ...pushed, target: 'other' }]],
  ['DELETE /v2/team/app/manifests/1.0', {}, [{}]],
  [`DELETE /v2/team/app/manifests/${sha256(next)}`, {}, [{}]],
  [
    `PUT /v2/team/app/manifests/${sha256(next)}`,
    { content: next },
    [{ ...pushed, target: sha256(next), after: { digest: sha256(next) } }],
  ],
  [`DELETE /v2/team/app/manifests/${sha256(next)}`, {}, [{ before: { digest: sha256(next), tags: [] } }]],
  ['POST /v2/team/app/blobs/uploads/', {}, []],
  [`POST /v2/team/app/blobs/uploads/?digest=${sha256('sent')}`, { content: 'sent' }, []],
  [`POST /v2/team/mounted/blobs/uploads/?mount=${sha256(layer)}&from=team/app`, {}, []],
  ['POST /gc', { body: { dryRun: true } }, [{ ...done, action: 'job.garbage-collect' }]],
  [
    'DELETE /v2/team/app/manifests/other',
    {},
    [
      {
        ...done,
        action: 'registry.delete',
        repository: 'team/app',
        target: 'other',
        before: { digest, tags: ['other'] },
      },
    ],
  ],
  [
    `DELETE /v2/team/app/manifests/${digest}`,
    {},
    [
      {
        ...done,
        action: 'registry.delete',
        repository: 'team/app',
        target: digest,
        before: { digest, tags: ['latest'] },
      },
    ],
  ],
  [
    `DELETE /v2/team/app/blobs/${sha256(layer)}`,
    {},
    [
      {
        ...done,
        action: 'registry.delete',
        repository: 'team/app',
        target: sha256(layer),
        before: { digest: sha256(layer) },
      },
    ],
  ],
  ['POST /grants', { body: { subject: 'user:alice', repository: 'team/**', role: 'writer' } }, [{}]],
  ['PUT /teams/core/members/alice', {}, [{}]],
  [
    'DELETE /users/alice',
    {},
    [
      { ...lost('user alice'), action: 'grant.delete', repository: 'team/**', before: asGrant },
      { ...lost('user alice'), action: 'member.remove', before: { team: 'core', user: 'alice' } },
      { ...done, action: 'user.delete', target: 'alice', before: user('alice') },
    ],
  ],
  ['PUT /teams/core/members/bob', {}, [{}]],
  [
    'DELETE /teams/core',
    {},
    [
      { ...lost('team core'), action: 'member.remove', before: { team: 'core', user: 'bob' } },
      {
        ...done,
        action: 'team.delete',
        target: 'core',
        before: expect.objectContaining({ name: 'core' }),
      },
    ],
  ],
];
