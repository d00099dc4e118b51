/** Bytes from `start` up to and without `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * The range that a `Range` header asks of a body of `size` bytes: RFC 9110, section 14.1.2. `undefined`: the whole
 * body, also for another unit, and for several ranges, which a server may ignore. `'unsatisfiable'`: 416, also where
 * the last byte lies before the first.
 */
export function parseRange(
  header: string | undefined,
  size: number,
): ByteRange | 'unsatisfiable' | undefined {
  const match = /^bytes=\s*(\d*)\s*-\s*(\d*)\s*$/i.exec(header ?? '');
  if (match === null) return undefined;
  const [, first = '', last = ''] = match;
  if (first === '') return last === '' ? undefined : suffix(Number(last), size);
  const start = Number(first);
  const end = last === '' ? size : Math.min(Number(last) + 1, size);
  return start < end ? { start, end } : 'unsatisfiable';
}

function suffix(length: number, size: number): ByteRange | 'unsatisfiable' {
  return length === 0 || size === 0 ? 'unsatisfiable' : { start: Math.max(0, size - length), end: size };
}

/**
 * The `Content-Range` of an uploaded chunk, `<start>-<end>` with or without the unit: OCI distribution specification
 * 1.1, "Pushing a blob in chunks". `undefined` where it is not that.
 */
export function parseChunkRange(header: string): ByteRange | undefined {
  const match = /^(?:bytes[ =])?(\d{1,15})-(\d{1,15})(?:\/(?:\d+|\*))?$/.exec(header);
  if (match === null) return undefined;
  const [start, last] = [Number(match[1]), Number(match[2])];
  return last < start ? undefined : { start, end: last + 1 };
}

/** The `Range` header that tells how much of an upload has arrived; an empty one is `0-0`, as `registry:2` has it. */
export function receivedRange(offset: number): string {
  return `0-${Math.max(0, offset - 1)}`;
}
