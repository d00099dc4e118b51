import { signingAlgorithms, type SigningAlgorithm } from '@berth/protocol';
import type { z } from 'zod';
import { alternative, list, optional, required, value } from './keys.ts';
import { flag, text } from './scalars.ts';
import type { Scalar } from './scalars.ts';

/** What may stand between quotes in a header: visible ASCII and spaces, but no quote and no backslash. */
const quotable = /^[\x20\x21\x23-\x5b\x5d-\x7e]+$/;

const headerText: Scalar<string> = {
  name: 'text in ASCII without quotes',
  read: (given) => (quotable.test(given) ? given : undefined),
};

const webAddress: Scalar<string> = {
  name: 'an address such as https://auth.example.com/token',
  read: (given) => (/^https?:\/\/\S+$/.test(given) && isQuotableUrl(given) ? given : undefined),
};

const urlPath: Scalar<string> = {
  name: 'a path such as /auth/token',
  read: (given) => (/^\/(?!\/)\S*$/.test(given) && isQuotableUrl(`http://a${given}`) ? given : undefined),
};

const signingAlgorithm: Scalar<SigningAlgorithm> = {
  name: signingAlgorithms.join(', ').replace(/, (\w+)$/, ' or $1'),
  read: (given) => signingAlgorithms.find((algorithm) => algorithm === given),
};

function isQuotableUrl(url: string): boolean {
  return quotable.test(url) && URL.canParse(url);
}

/** `auth.token`: distribution/distribution `registry/auth/token/accesscontroller.go`. */
export const foreignTokens = alternative("Tokens of somebody else's token server.", {
  realm: optional(webAddress, 'Where clients get a token. Needed unless `autoredirect` is on.'),
  service: required(headerText, 'Service, the audience (`aud`) of the tokens for this registry. Needed.'),
  issuer: required(text, 'Issuer (`iss`) of the tokens. Needed.'),
  rootcertbundle: optional(
    text,
    'File of certificates in PEM that signed the tokens, or to which the chain (`x5c`) of a token leads. Read at the start.',
  ),
  jwks: optional(
    text,
    'File of public keys (a JWKS) that sign the tokens. Read at the start. Needed where there is no `rootcertbundle`.',
  ),
  signingalgorithms: list(
    signingAlgorithm,
    signingAlgorithms,
    'Algorithms of signatures; none with a shared secret.',
  ),
  autoredirect: value(
    flag,
    'false',
    'Whether clients get a token at the address under which they reach the registry, whatever `realm` says.',
  ),
  autoredirectpath: value(urlPath, '/auth/token', 'Where it is there.'),
});

export type ForeignTokens = NonNullable<z.output<typeof foreignTokens>>;

/** What is missing in the section, though no key by itself is wrong. */
export function missingIn({ realm, autoredirect, rootcertbundle, jwks }: ForeignTokens): string[] {
  return [
    ...(realm === undefined && !autoredirect ? ['needs realm, the address of the token server'] : []),
    ...(rootcertbundle === undefined && jwks === undefined
      ? ['needs rootcertbundle or jwks, the keys of the token server']
      : []),
  ];
}
