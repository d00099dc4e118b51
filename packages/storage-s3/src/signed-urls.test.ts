import { setTimeout as sleep } from 'node:timers/promises';

import { hasSignedUrls } from '@berth/storage';
import { writeFile } from '@berth/storage/testing';
import { describe, expect, test } from 'vitest';

import { s3Driver } from './s3-driver.ts';
import { withProxiedS3 } from './testing/with-s3.ts';

await withProxiedS3(process.env, (s3) => {
  describe('a signed URL', () => {
    const sign = (
      how: { method?: 'GET' | 'HEAD'; expiresIn?: number; contentType?: string } = {},
      driver = s3.driver,
    ) => {
      if (!hasSignedUrls(driver)) throw new Error('it signs none');
      return driver.signedUrl('a/file', { method: 'GET', expiresIn: 60, ...how });
    };

    test('gives the file to anyone, in part too, and with the type that was asked for', async () => {
      await writeFile(s3.driver, 'a/file', Buffer.from('0123456789'));
      const url = await sign({ contentType: 'application/octet-stream' });
      const whole = await fetch(url);
      expect(whole.headers.get('content-type')).toBe('application/octet-stream');
      expect(await whole.text()).toBe('0123456789');
      const part = await fetch(url, { headers: { range: 'bytes=2-4' } });
      expect([part.status, await part.text()]).toEqual([206, '234']);
    });

    test('is good for its file, its method and its time only', async () => {
      await writeFile(s3.driver, 'a/file', Buffer.from('mine'));
      await writeFile(s3.driver, 'a/secret', Buffer.from('not yours'));
      const [url, short] = [await sign(), await sign({ expiresIn: 2 })];
      const stolen = await fetch(url.replace('a/file', 'a/secret'));
      expect([stolen.status, await stolen.text()]).toEqual([403, expect.not.stringContaining('not yours')]);
      expect((await fetch(url, { method: 'PUT', body: 'changed' })).status).toBe(403);
      expect((await fetch(url, { method: 'DELETE' })).status).toBe(403);
      await sleep(3100);
      expect((await fetch(short)).status).toBe(403);
      expect((await fetch(url)).status).toBe(200);
    });

    test('for HEAD', async () => {
      await writeFile(s3.driver, 'a/file', Buffer.from('0123456789'));
      const answer = await fetch(await sign({ method: 'HEAD' }), { method: 'HEAD' });
      expect([answer.status, answer.headers.get('content-length')]).toEqual([200, '10']);
    });

    test('lives for five minutes at most', async () => {
      expect(new URL(await sign({ expiresIn: 86_400 })).searchParams.get('X-Amz-Expires')).toBe('300');
    });

    test('has the address that clients reach', async () => {
      const driver = s3Driver({ ...s3.options, redirectEndpoint: 'https://blobs.example.com' });
      expect(new URL(await sign({}, driver)).origin).toBe('https://blobs.example.com');
    });
  });
});
