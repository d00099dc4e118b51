import { listFiles } from '@berth/storage/testing';
import { expect, test } from 'vitest';

import { Bucket } from './bucket.ts';
import { s3Client } from './client.ts';
import { inParallel } from './in-parallel.ts';
import { Keys } from './keys.ts';
import { putObject } from './objects.ts';
import { everythingIn } from './testing/open-uploads.ts';
import { withProxiedS3 } from './testing/with-s3.ts';

await withProxiedS3(process.env, (s3) => {
  test('DeleteObjects carries a Content-MD5, and no checksum that older servers do not know', async () => {
    await s3.driver.delete('file');
    const { headers } = s3.proxy.requests.find(({ url }) => url.includes('?delete'))!;
    expect(headers['content-md5']).toMatch(/^[\w+/]{22}==$/);
    expect(Object.keys(headers).filter((name) => name.includes('checksum'))).toEqual([]);
  });

  test(
    'a list, and a folder that is deleted, of more files than a page has',
    { timeout: 180_000 },
    async () => {
      const bucket = new Bucket(s3Client(s3.direct), new Keys(), s3.direct);
      const names = Array.from({ length: 1003 }, (_, index) => `many/${index}`);
      await inParallel(names, 16, (name) => putObject(bucket, name, Buffer.from('x')));
      expect(await listFiles(s3.driver, 'many')).toEqual([...names].sort());
      await s3.driver.delete('many');
      expect(await everythingIn(s3.direct)).toEqual([]);
    },
  );
});
