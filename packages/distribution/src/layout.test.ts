import { isDigest, type Digest } from '@berth/protocol';
import { memoryDriver } from '@berth/storage';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { blobDigest, blobPath, uploadPath } from './layout.ts';

const hex = (length: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length });
const digest = fc.oneof(
  hex(64).map((text) => `sha256:${text}`),
  hex(128).map((text) => `sha512:${text}`),
) as fc.Arbitrary<Digest>;

test('a blob lies where registry:2 keeps it', () => {
  const text = `ab${'c'.repeat(62)}`;
  expect(blobPath(`sha256:${text}` as Digest)).toBe(`docker/registry/v2/blobs/sha256/ab/${text}/data`);
});

test('every path is one that storage takes, and tells its digest', async () => {
  const storage = memoryDriver();
  await fc.assert(
    fc.asyncProperty(digest, fc.uuid(), async (digest, id) => {
      expect(await storage.stat(blobPath(digest))).toBeNull();
      expect(await storage.stat(uploadPath(id))).toBeNull();
      const [, algorithm, found] = /blobs\/(\w+)\/..\/(\w+)\/data$/.exec(blobPath(digest)) ?? [];
      expect(`${algorithm}:${found}`).toBe(digest);
      expect(isDigest(digest)).toBe(true);
      expect(blobDigest(blobPath(digest))).toBe(digest);
    }),
  );
});

test.each(['', 'data', 'berth/uploads/x', `docker/registry/v2/blobs/sha256/aa/${'b'.repeat(64)}/data`])(
  'no file of a blob: %s',
  (path) => expect(blobDigest(path)).toBeUndefined(),
);
