import { patternBytes, readFile, writeFile } from '@berth/storage/testing';
import { describe, expect, test } from 'vitest';

import { s3Driver } from './s3-driver.ts';
import { expectError } from './testing/expect-error.ts';
import { everythingIn } from './testing/open-uploads.ts';
import { withProxiedS3 } from './testing/with-s3.ts';

const MIB = 1024 * 1024;

await withProxiedS3(process.env, (s3) => {
  describe('move', () => {
    test.for([
      ['at once', { threshold: 32 * MIB }, /^x-amz-copy-source$/],
      ['in parts', { threshold: 0, chunkSize: 5 * MIB, concurrency: 3 }, /^x-amz-copy-source-range$/],
    ] as const)('copies on the server, %s', async ([, copy, header]) => {
      const bytes = patternBytes(13 * MIB);
      await writeFile(s3Driver(s3.direct), 'from', bytes);
      await s3Driver({ ...s3.options, copy }).move('from', 'a/to');
      expect(await everythingIn(s3.direct)).toEqual(['a/to']);
      expect(bytes.equals(await readFile(s3Driver(s3.direct), 'a/to'))).toBe(true);
      const copies = s3.proxy.requests.filter(({ headers }) =>
        Object.keys(headers).some((name) => header.test(name)),
      );
      expect(copies).toHaveLength('chunkSize' in copy ? 3 : 1);
    });

    test('that fails leaves the file where it was, and no upload', async () => {
      await writeFile(s3Driver(s3.direct), 'from', patternBytes(13 * MIB));
      s3.proxy.failNext(/partNumber=2/, { kind: 'answer', status: 403, code: 'AccessDenied' }, 100);
      const copy = { threshold: 0, chunkSize: 5 * MIB, concurrency: 3 };
      await expectError(
        s3Driver({ ...s3.options, copy }).move('from', 'to'),
        'ACCESS_DENIED',
        's3:PutObject',
      );
      expect(await everythingIn(s3.direct)).toEqual(['from']);
    });
  });
});
