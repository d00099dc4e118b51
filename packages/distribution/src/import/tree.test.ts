import type { RepositoryName } from '@berth/protocol';
import { describe, expect, test } from 'vitest';
import { classify, linkPath } from './tree.ts';

const root = 'docker/registry/v2/repositories';
const hex = 'a'.repeat(64);
const long = 'b'.repeat(128);
const link = (repository: string, kind: string, name: string) => ({
  kind: 'link',
  link: { repository, kind, name },
});
const upload = { kind: 'upload' };
const nothing = { kind: 'nothing' };
const skipped = (reason: string, path?: string) => ({
  kind: 'skip',
  skip: expect.objectContaining({ reason, ...(path !== undefined && { path: `${root}/${path}` }) }),
});

describe('files of a tree', () => {
  test.each([
    [`app/_layers/sha256/${hex}/link`, link('app', 'layer', `sha256:${hex}`)],
    [`team/app/_layers/sha512/${long}/link`, link('team/app', 'layer', `sha512:${long}`)],
    [`a/b/c/_manifests/revisions/sha256/${hex}/link`, link('a/b/c', 'revision', `sha256:${hex}`)],
    [`app/_manifests/tags/1.0/current/link`, link('app', 'tag', '1.0')],
    [`app/_manifests/tags/current/current/link`, link('app', 'tag', 'current')],
    [
      `app/_manifests/tags/1.0/index/sha256/${hex}/link`,
      { kind: 'index', repository: 'app', tag: '1.0', digest: `sha256:${hex}` },
    ],
    [`app/_uploads/1-2/startedat`, upload],
    [`app/_uploads/1-2/data`, nothing],
    [`app/_uploads/1-2/hashstates/sha256/0`, nothing],
    [`app/_manifests/revisions/sha256/${hex}/signatures/sha256/${hex}/link`, nothing],
    [`file`, skipped('unknown-file', 'file')],
    [`app/file`, skipped('unknown-file')],
    [`_layers/sha256/${hex}/link`, skipped('unknown-file')],
    [`app/_layers/sha256/${hex}/link.0f.tmp`, skipped('unknown-file')],
    [`app/_layers/sha256/${hex}/data`, skipped('unknown-file')],
    [`app/_layers/sha256/${hex}x/link`, skipped('unknown-file')],
    [`app/_layers/md5/${hex}/link`, skipped('unknown-file')],
    [`app/_manifests/revisions/tarsum.v1/${hex}/link`, skipped('unknown-file')],
    [`app/_manifests/tags/1.0/index/md5/${hex}/link`, skipped('unknown-file')],
    [`app/_manifests/tags/1.0/link`, skipped('unknown-file')],
    [`Team/app/_manifests/tags/1/current/link`, skipped('repository-name', 'Team/app')],
    [`team/-app/_uploads/1/startedat`, skipped('repository-name', 'team/-app')],
    [`${'a'.repeat(200)}/${'a'.repeat(56)}/_layers/sha256/${hex}/link`, skipped('repository-name')],
    [`app/_manifests/tags/-1/current/link`, skipped('tag-name', 'app/_manifests/tags/-1')],
    [`app/_manifests/tags/-1/index/sha256/${hex}/link`, skipped('tag-name', 'app/_manifests/tags/-1')],
  ])('%s', (path, found) => expect(classify(`${root}/${path}`)).toEqual(found));

  test.each([
    `app/_layers/sha256/${hex}/link`,
    `team/app/_manifests/revisions/sha512/${long}/link`,
    `app/_manifests/tags/1.0/current/link`,
  ])('the path of a link is where it was found: %s', (path) => {
    const found = classify(`${root}/${path}`);
    expect(found.kind === 'link' && linkPath(found.link)).toBe(`${root}/${path}`);
  });

  test('a repository may have the name of a folder of another one', () => {
    const found = classify(`${root}/app/tags/_manifests/tags/1/current/link`);
    expect(found).toEqual(link('app/tags' as RepositoryName, 'tag', '1'));
  });
});
