import { createPublicKey, type KeyObject, type webcrypto } from 'node:crypto';
import { z } from 'zod';
import { keyIds } from './key-ids.ts';

/** A key of a JWKS that can verify signatures. */
export interface PublishedKey {
  /** What tokens call it. */
  readonly ids: readonly string[];
  readonly key: KeyObject;
  /** The one algorithm that it is for, where the file says so. */
  readonly algorithm?: string | undefined;
}

const jwkSchema = z.looseObject({
  kty: z.string(),
  kid: z.string().optional(),
  use: z.string().optional(),
  alg: z.string().optional(),
});
const jwksSchema = z.object({ keys: z.array(jwkSchema) });

type Jwk = z.output<typeof jwkSchema>;

/**
 * The public keys of a JWKS (RFC 7517). Shared secrets and keys for encryption are passed over. Throws `TypeError`
 * where none is left, or one cannot be read.
 */
export async function parseJwks(text: string): Promise<PublishedKey[]> {
  const jwks = readJson(text).keys.filter(({ kty, use = 'sig' }) => kty !== 'oct' && use === 'sig');
  if (jwks.length === 0) throw new TypeError('the JWKS holds no public key for signatures');
  return Promise.all(jwks.map(readKey));
}

function readJson(text: string): z.output<typeof jwksSchema> {
  try {
    return jwksSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new TypeError('the JWKS is not {"keys": […]}', { cause: error });
  }
}

async function readKey(jwk: Jwk, index: number): Promise<PublishedKey> {
  try {
    const key = createPublicKey({ key: jwk as webcrypto.JsonWebKey, format: 'jwk' });
    return { key, algorithm: jwk.alg, ids: jwk.kid === undefined ? await keyIds(key) : [jwk.kid] };
  } catch (error) {
    throw new TypeError(`key ${jwk.kid ?? index + 1} of the JWKS cannot be read`, { cause: error });
  }
}
