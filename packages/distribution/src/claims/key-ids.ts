import { hash, type KeyObject } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose';

const base32Alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** What a token may call a public key in its `kid`, where nobody named it: as `registry:2` and as `registry:3` do. */
export async function keyIds(key: KeyObject): Promise<string[]> {
  return [libtrustId(key), await calculateJwkThumbprint(key)];
}

/** 240 bits of the SHA-256 of the key's SPKI, in twelve groups of base 32: docker/libtrust `util.go`, `keyIDEncode`. */
export function libtrustId(key: KeyObject): string {
  const digest = hash('sha256', key.export({ type: 'spki', format: 'der' }), 'buffer').subarray(0, 30);
  return base32(digest).match(/.{4}/g)!.join(':');
}

/** RFC 4648, section 6, of whole groups of five bytes. */
function base32(bytes: Uint8Array): string {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('');
  return bits.replace(/.{5}/g, (group) => base32Alphabet[Number.parseInt(group, 2)]!);
}
