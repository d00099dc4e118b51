import { patternBytes, readFile, writeFile } from '@berth/storage/testing';
import { describe, expect, test } from 'vitest';

import { s3Driver } from './s3-driver.ts';
import { expectError } from './testing/expect-error.ts';
import { everythingIn } from './testing/open-uploads.ts';
import { withProxiedS3 } from './testing/with-s3.ts';

const MIB = 1024 * 1024;
const changed = { kind: 'answer', status: 412, code: 'PreconditionFailed' } as const;

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
      // A server that cannot compare the ETag is asked twice for each.
      expect(new Set(copies.map(({ url }) => url)).size).toBe('chunkSize' in copy ? 3 : 1);
    });

    test.for([
      ['at once', { threshold: 32 * MIB }],
      ['in parts', { threshold: 0, chunkSize: 5 * MIB, concurrency: 1 }],
    ] as const)('from a server that cannot compare the ETag, %s', async ([, copy]) => {
      const bytes = patternBytes(13 * MIB);
      await writeFile(s3Driver(s3.direct), 'from', bytes);
      s3.proxy.failNext(/^PUT .*\/to/, changed);
      await s3Driver({ ...s3.options, copy }).move('from', 'to');
      expect(bytes.equals(await readFile(s3Driver(s3.direct), 'to'))).toBe(true);
      expect(s3.proxy.pending).toBe(0);
    });

    test('of what another one changes meanwhile fails', async () => {
      await writeFile(s3Driver(s3.direct), 'from', patternBytes(MIB));
      const changed = Promise.withResolvers<void>();
      s3.proxy.failNext(/^PUT .*\/to/, { kind: 'hold', until: changed.promise });
      const moving = expectError(s3.driver.move('from', 'to'), 'IO_ERROR', 'PreconditionFailed');
      await expect.poll(() => s3.proxy.pending).toBe(0);
      await writeFile(s3Driver(s3.direct), 'from', Buffer.from('more'));
      changed.resolve();
      await moving;
      expect(await everythingIn(s3.direct)).toEqual(['from']);
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
