import { inspect } from 'node:util';

import { listFiles, readFile, writeFile } from '@berth/storage/testing';
import { describe, expect, test } from 'vitest';

import { checkBucket, s3Driver } from './s3-driver.ts';
import { expectError } from './testing/expect-error.ts';
import { withProxiedS3 } from './testing/with-s3.ts';

await withProxiedS3(process.env, (s3) => {
  describe('a bucket that cannot be used', () => {
    test.for([
      [
        'a wrong secret',
        () => ({ credentials: { accessKeyId: 'berth-tests', secretAccessKey: 'a-wrong-secret' } }),
      ],
      [
        'an unknown key',
        () => ({ credentials: { accessKeyId: 'nobody', secretAccessKey: 'a-wrong-secret' } }),
      ],
    ] as const)('by %s is ACCESS_DENIED, and the message has no secret', async ([, wrong]) => {
      const broken = s3Driver({ ...s3.options, ...wrong() });
      const error = await expectError(readFile(broken, 'file'), 'ACCESS_DENIED', s3.options.bucket);
      expect(error.message).toMatch(/GetObject.*s3:GetObject/);
      expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('a-wrong-secret');
      await expectError(checkBucket({ ...s3.options, ...wrong() }), 'ACCESS_DENIED', 's3:ListBucket');
    });

    test('as it does not exist says so', async () => {
      const missing = { ...s3.options, bucket: 'no-such-bucket' };
      const broken = s3Driver(missing);
      const said = 'there is no bucket "no-such-bucket"';
      await expectError(readFile(broken, 'file'), 'IO_ERROR', said);
      await expectError(broken.stat('file'), 'IO_ERROR', said);
      await expectError(writeFile(broken, 'file', Buffer.from('x')), 'IO_ERROR', said);
      await expectError(broken.delete('file'), 'IO_ERROR', said);
      await expectError(listFiles(broken, ''), 'IO_ERROR', said);
      await expectError(checkBucket(missing), 'IO_ERROR', said);
    });

    test('is found out at the start; one that can be is not', async () => {
      await checkBucket(s3.options);
    });

    test.for([
      { bucket: '' },
      { chunkSize: 1000 },
      { copy: { chunkSize: 1000 } },
      { rootDirectory: 'x'.repeat(300) },
    ])('by the options %o is refused', (wrong) => {
      expect(() => s3Driver({ ...s3.options, ...wrong })).toThrow('the storage in S3 cannot be used');
    });
  });
});
