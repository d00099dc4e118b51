import { sign, type KeyObject } from 'node:crypto';

/** A part of a token as it is written: any JSON, or text that is put there as it is. */
export type Part = object | string;

/** The bytes of a signature over the text before it. */
export type Signer = (text: string) => Buffer;

export const issuer = 'https://tokens.example.com';
export const service = 'registry.example.com';

export const now = () => Math.floor(Date.now() / 1000);

/** What a token server writes for `alice`, changed by `changes`; `undefined` takes a claim out. */
export function claims(changes: object = {}): object {
  const access = [{ type: 'repository', name: 'team/app', actions: ['pull'] }];
  return { iss: issuer, sub: 'alice', aud: service, exp: now() + 300, nbf: now() - 10, access, ...changes };
}

export function jwt(header: Part, payload: Part, signer: Signer): string {
  const text = `${encode(header)}.${encode(payload)}`;
  return `${text}.${signer(text).toString('base64url')}`;
}

/** RFC 7518, section 3.4. */
export function es256(key: KeyObject): Signer {
  return (text) => sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' });
}

/** RFC 7518, section 3.3. */
export function rs256(key: KeyObject): Signer {
  return (text) => sign('sha256', Buffer.from(text), key);
}

function encode(part: Part): string {
  return Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url');
}
