import { createHash, randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';

/**
 * The secret of a personal access token: `brt_`, thirty random characters, and the CRC32 of these thirty in base 62,
 * padded with `0` to six. Scanners of leaked secrets find it by its prefix and check it offline.
 */
const expression = /^brt_([0-9A-Za-z]{30})([0-9A-Za-z]{6})$/;

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

export function makeSecret(): string {
  const random = randomBase62(30);
  return `brt_${random}${checksum(random)}`;
}

/** Whether it can be one at all: form and checksum. */
export function isSecret(text: string): boolean {
  const [, random, check] = expression.exec(text) ?? [];
  return random !== undefined && check === checksum(random);
}

/** What is stored of it: SHA-256 in hex. It has 178 random bits, so that nothing slower is needed. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** Each character holds 5.95 random bits. */
export function randomBase62(length: number): string {
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('');
}

function checksum(random: string): string {
  let rest = crc32(random);
  let text = '';
  for (; rest > 0; rest = Math.floor(rest / 62)) text = `${alphabet[rest % 62]}${text}`;
  return text.padStart(6, '0');
}
