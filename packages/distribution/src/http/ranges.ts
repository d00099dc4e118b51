/** Bytes from `start` up to and without `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** No honest client asks for more ranges than this in one header. */
const mostRanges = 20;

/**
 * The ranges that a `Range` header asks of a body of `size` bytes: RFC 9110, section 14.1.2. `undefined`: the whole
 * body, for another unit, for what is no list of ranges, and for more than a server has to answer (section 14.2: many
 * or overlapping ones). `'unsatisfiable'`: 416, where none lies in the body or one ends before it begins.
 */
export function parseRanges(
  header: string | undefined,
  size: number,
): readonly ByteRange[] | 'unsatisfiable' | undefined {
  const list = /^bytes=(.*)$/i.exec(header ?? '')?.[1]?.split(',') ?? [];
  const ranges = list.map((text) => parseRange(text.trim(), size));
  if (ranges.length === 0 || ranges.length > mostRanges || ranges.includes(undefined)) return undefined;
  const satisfiable = ranges.filter((range) => range !== undefined && range !== 'unsatisfiable');
  if (satisfiable.length === 0) return 'unsatisfiable';
  return overlap(satisfiable) ? undefined : satisfiable;
}

function parseRange(text: string, size: number): ByteRange | 'unsatisfiable' | undefined {
  const match = /^(\d*)\s*-\s*(\d*)$/.exec(text);
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

function overlap(ranges: readonly ByteRange[]): boolean {
  const sorted = ranges.toSorted((one, other) => one.start - other.start);
  return sorted.some(({ start }, index) => index > 0 && start < (sorted[index - 1]?.end ?? 0));
}

export function contentRange({ start, end }: ByteRange, size: number): string {
  return `bytes ${start}-${end - 1}/${size}`;
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
