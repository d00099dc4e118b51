import { expect, test } from 'vitest';
import { multipart } from './multipart.ts';

const content = Buffer.from('0123456789');

async function* read({ start, end }: { start: number; end: number }) {
  for (let at = start; at < end; at += 1) yield content.subarray(at, at + 1);
}

test('each range has its own head, and the length is right', async () => {
  const ranges = [
    { start: 0, end: 2 },
    { start: 7, end: 10 },
  ];
  const { contentType, length, body } = multipart(ranges, content.length, 'text/plain', read);
  const [, boundary] = /^multipart\/byteranges; boundary=([\w-]+)$/.exec(contentType) ?? [];
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(Buffer.from(chunk));
  const text = Buffer.concat(chunks).toString();
  expect(length).toBe(text.length);
  expect(text).toBe(
    [
      '',
      `--${boundary}`,
      'content-type: text/plain',
      'content-range: bytes 0-1/10',
      '',
      '01',
      `--${boundary}`,
      'content-type: text/plain',
      'content-range: bytes 7-9/10',
      '',
      '789',
      `--${boundary}--`,
      '',
    ].join('\r\n'),
  );
});
