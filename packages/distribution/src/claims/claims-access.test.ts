import {
  catalogScope,
  OciError,
  parseRepositoryName,
  parseTag,
  repositoryScope,
  type Access,
  type RepositoryAction,
  type Scope,
} from '@berth/protocol';
import { expect, test } from 'vitest';
import { claimsAccess } from './claims-access.ts';

const actions: RepositoryAction[] = ['pull', 'push', 'create', 'delete', 'admin'];
const facts = (name: string) =>
  ({ name: parseRepositoryName(name), visibility: 'private', exists: true }) as const;

const withScopes = (...access: Scope[]) =>
  claimsAccess({ subject: 'alice', access }, () => new OciError('UNAUTHORIZED'));
const team = (...of: string[]) => repositoryScope('team/app', ...of);
const given = (access: Access, name = 'team/app') =>
  actions.filter((action) => access.may(facts(name), action).allowed);

test.each<[string, string[], string[]]>([
  ['pull', ['pull'], ['pull']],
  ['push, which creates too', ['push'], ['push', 'create']],
  ['delete', ['delete'], ['delete']],
  ['all but admin', ['*'], ['pull', 'push', 'create', 'delete']],
  ['nothing by admin', ['admin'], []],
  ['nothing by no action', [], []],
])('a token gives %s', (_what, of, allows) => {
  const access = withScopes(team(...of));
  expect(given(access)).toEqual(allows);
  expect(given(access, 'team/app2')).toEqual([]);
});

test('several entries give together, and those of other types nothing', () => {
  const other = { type: 'other', name: 'team/app', actions: ['*'] };
  expect(given(withScopes(team('pull'), other, team('delete')))).toEqual(['pull', 'delete']);
});

test("a repository that anyone may pull elsewhere is nobody's here", () => {
  const open = { ...facts('open/app'), visibility: 'public' } as const;
  expect(withScopes(team('pull')).may(open, 'pull')).toEqual({
    allowed: false,
    reason: 'the token does not give pull on open/app',
  });
});

test.each<[string[], boolean[]]>([
  [['pull'], [false, false, false, false]],
  [['push'], [true, true, false, false]],
  [['delete'], [false, false, true, true]],
  [['*'], [true, true, true, true]],
])('%j gives its rights to tags', (of, expected) => {
  const access = withScopes(team(...of));
  const { put, overwrite, delete: remove } = access.tag(facts('team/app'), parseTag('v1'));
  const untagged = access.deleteUntagged(facts('team/app'));
  expect([put, overwrite, remove, untagged].map(({ allowed }) => allowed)).toEqual(expected);
});

test('what the entries name is readable, and the catalog lists everything and opens nothing', () => {
  const named = { allow: [{ kind: 'exact', name: 'team/app' }], deny: [], visibilities: [] };
  const access = withScopes(
    team('pull'),
    repositoryScope('team/other', 'push'),
    repositoryScope('Not A Name', 'pull'),
  );
  expect([access.mayList(), access.readable(), access.listed]).toEqual([false, named, undefined]);
  const lister = withScopes(team('pull'), catalogScope);
  expect([lister.mayList(), lister.readable()]).toEqual([true, named]);
  expect(lister.listed?.()).toEqual({ allow: [{ kind: 'all' }], deny: [], visibilities: [] });
  expect(withScopes({ ...catalogScope, actions: ['pull'] }).mayList()).toBe(false);
});
