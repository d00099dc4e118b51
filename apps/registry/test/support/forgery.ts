import { createHmac, createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { openDatabase } from '@berth/database';

/** The key with which a registry signs its tokens. */
export interface SigningKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** What a token is made of, as it is written: any JSON, or text that is put there as it is. */
export type Part = object | string;

/** The bytes of a signature over the text before it. */
export type Signer = (text: string) => Buffer;

/** Out of the database, as nobody without the file can have it. */
export async function signingKeyOf(folder: string): Promise<SigningKey> {
  const database = await openDatabase<{ signing_key: { kid: string; private_jwk: string } }>(
    join(folder, 'berth.db'),
  );
  const row = await database.reader.selectFrom('signing_key').selectAll().executeTakeFirstOrThrow();
  await database.close();
  const privateKey = createPrivateKey({ key: JSON.parse(row.private_jwk), format: 'jwk' });
  return { kid: row.kid, privateKey, publicKey: createPublicKey(privateKey) };
}

export function jwt(header: Part, payload: Part, signer: Signer): string {
  const text = `${encode(header)}.${encode(payload)}`;
  return `${text}.${signer(text).toString('base64url')}`;
}

/** RFC 7518, section 3.4. */
export function es256(key: KeyObject): Signer {
  return (text) => sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' });
}

export function hs256(secret: string | Buffer): Signer {
  return (text) => createHmac('sha256', secret).update(text).digest();
}

export function payloadOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')) as Record<
    string,
    unknown
  >;
}

function encode(part: Part): string {
  return Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url');
}
