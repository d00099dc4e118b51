import { memoryDriver, type StorageDriver } from '@berth/storage';
import { writeFile } from '@berth/storage/testing';
import { beforeEach, expect, test } from 'vitest';
import { blobPath } from '../layout.ts';
import { digestOfBytes } from '../testing/content.ts';
import { SmallBlobs } from './small-blobs.ts';

let storage: StorageDriver;
let blobs: SmallBlobs;

beforeEach(() => {
  storage = memoryDriver();
  blobs = new SmallBlobs(storage);
});

const blobOf = (content: string) => {
  const digest = digestOfBytes(content);
  return { digest, size: Buffer.byteLength(content), path: blobPath(digest) };
};

const textOf = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString();

async function stored(content: string, as = content) {
  const blob = blobOf(as);
  await writeFile(storage, blob.path, Buffer.from(content));
  return blob;
}

test('a small blob is read once', async () => {
  const blob = await stored('{}');
  expect(textOf(await blobs.get(blob))).toBe('{}');
  await storage.delete(blob.path);
  expect(textOf(await blobs.get(blob))).toBe('{}');
});

test('an empty one too', async () => {
  expect(textOf(await blobs.get(await stored('')))).toBe('');
});

test('a large one is not read', async () => {
  const large = blobOf('x'.repeat(16 * 1024 + 1));
  expect(await blobs.get(large)).toBeUndefined();
});

test.for(['{ ', '{} and more', ''])('a damaged one is neither kept nor answered: %j', async (damage) => {
  const blob = await stored(damage, '{}');
  await expect(blobs.get(blob)).rejects.toThrow('not those of their digest');
  await storage.delete(blob.path);
  await stored('{}');
  expect(textOf(await blobs.get(blob))).toBe('{}');
});

test('one whose file is missing is an error of storage', async () => {
  await expect(blobs.get(blobOf('{}'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
