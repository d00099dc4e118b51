import { randomUUID } from 'node:crypto';
import { contentRange, type ByteRange } from './ranges.ts';

/** Several ranges of one body in one answer: `multipart/byteranges`, RFC 9110, section 14.6. */
export interface Multipart {
  readonly contentType: string;
  /** In bytes. */
  readonly length: number;
  readonly body: AsyncIterable<Uint8Array>;
}

/** `read` gives the bytes of one range; its chunks are valid only until the next one is asked for. */
export function multipart(
  ranges: readonly ByteRange[],
  size: number,
  type: string,
  read: (range: ByteRange) => AsyncIterable<Uint8Array>,
): Multipart {
  const boundary = randomUUID();
  const headOf = (range: ByteRange) =>
    Buffer.from(
      `\r\n--${boundary}\r\ncontent-type: ${type}\r\ncontent-range: ${contentRange(range, size)}\r\n\r\n`,
    );
  const end = Buffer.from(`\r\n--${boundary}--\r\n`);
  const lengthOf = (range: ByteRange) => headOf(range).length + range.end - range.start;
  return {
    contentType: `multipart/byteranges; boundary=${boundary}`,
    length: ranges.reduce((sum, range) => sum + lengthOf(range), end.length),
    body: (async function* parts() {
      for (const range of ranges) {
        yield headOf(range);
        yield* read(range);
      }
      yield end;
    })(),
  };
}
