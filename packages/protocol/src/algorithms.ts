/**
 * What may sign a token (RFC 7518, section 3.1, and RFC 8037). A shared secret signs and verifies; whoever may verify could
 * sign. So `HS256` and its like are not among them.
 */
export const signingAlgorithms = [
  'EdDSA',
  'ES256',
  'ES384',
  'ES512',
  'PS256',
  'PS384',
  'PS512',
  'RS256',
  'RS384',
  'RS512',
] as const;

export type SigningAlgorithm = (typeof signingAlgorithms)[number];

/** What Berth signs its own tokens with; `registry:2` (libtrust) and `registry:3` (go-jose) know both. */
export const keyAlgorithms = ['ES256', 'RS256'] as const satisfies readonly SigningAlgorithm[];

export type KeyAlgorithm = (typeof keyAlgorithms)[number];
