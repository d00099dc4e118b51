import { createHash, randomBytes, type Hash } from 'node:crypto';

/** Bytes of a blob, with the digest that is known before they are sent. */
export interface Content {
  readonly digest: string;
  readonly size: number;
  readonly chunks: readonly Uint8Array[];
}

const chunkSize = 1024 * 1024;
const uniqueSize = 16;

export function contentOf(bytes: Uint8Array): Content {
  return {
    digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
    size: bytes.length,
    chunks: [bytes],
  };
}

/**
 * Makes layers of `size` bytes that differ in their last 16 only, so that each is new to a registry and costs the
 * client one hash of 16 bytes: neither its memory nor its time is what is measured.
 */
export function layerMaker(size: number): () => Content {
  const shared = repeated(randomBytes(Math.min(chunkSize, size)), size - uniqueSize);
  const hash: Hash = createHash('sha256');
  for (const chunk of shared) hash.update(chunk);
  return () => {
    const unique = randomBytes(uniqueSize);
    const digest = `sha256:${hash.copy().update(unique).digest('hex')}`;
    return { digest, size, chunks: [...shared, unique] };
  };
}

function repeated(chunk: Uint8Array, size: number): Uint8Array[] {
  const whole = Array.from({ length: Math.floor(size / chunk.length) }, () => chunk);
  const rest = chunk.subarray(0, size % chunk.length);
  return rest.length === 0 ? whole : [...whole, rest];
}
