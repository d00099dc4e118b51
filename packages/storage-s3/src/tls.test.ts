import { patternBytes, readFile, writeFile } from '@berth/storage/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { s3Driver } from './s3-driver.ts';
import { expectError } from './testing/expect-error.ts';
import { startTlsFront, type TlsFront } from './testing/tls-front.ts';
import { withS3 } from './testing/with-s3.ts';

const MIB = 1024 * 1024;

await withS3(process.env, (server) => {
  describe('a server with a certificate that nobody trusts', () => {
    let front: TlsFront;
    beforeAll(async () => {
      front = await startTlsFront(server().endpoint);
    });
    afterAll(() => front.stop());

    test('is written to and read from with skipVerify, in parts too', async () => {
      const options = { ...(await server().newBucket()), endpoint: front.endpoint, skipVerify: true };
      const driver = s3Driver({ ...options, chunkSize: 5 * MIB });
      const bytes = patternBytes(12 * MIB + 5);
      await writeFile(driver, 'long', bytes);
      expect(bytes.equals(await readFile(driver, 'long'))).toBe(true);
    });

    test('is refused without', async () => {
      const options = { ...(await server().newBucket()), endpoint: front.endpoint, attempts: 1 };
      await expectError(s3Driver(options).stat('file'), 'IO_ERROR', 'certificate');
    });
  });
});
