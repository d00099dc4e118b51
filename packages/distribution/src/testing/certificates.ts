import { KeyObject, webcrypto, X509Certificate } from 'node:crypto';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const day = 86_400_000;

/** A certificate with its private key. */
export interface Identity {
  readonly name: string;
  readonly pair: webcrypto.CryptoKeyPair;
  readonly key: KeyObject;
  readonly pem: string;
  /** As an `x5c` header has it. */
  readonly x5c: string;
  readonly certificate: X509Certificate;
}

export interface IdentityOptions {
  /** Who certifies it; itself where absent. */
  readonly by?: Identity;
  readonly ca?: boolean;
  /** When it ends, in milliseconds from now: a day unless given. */
  readonly endsIn?: number;
}

export async function makeIdentity(name: string, options: IdentityOptions = {}): Promise<Identity> {
  const { by, ca = false, endsIn = day } = options;
  // The library's injector needs the polyfill before it.
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  const pair = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const made = await x509.X509CertificateGenerator.create({
    subject: `CN=${name}`,
    issuer: `CN=${by?.name ?? name}`,
    publicKey: pair.publicKey,
    signingKey: by?.pair.privateKey ?? pair.privateKey,
    signingAlgorithm: algorithm,
    notBefore: new Date(Date.now() - 2 * day),
    notAfter: new Date(Date.now() + endsIn),
    extensions: [new x509.BasicConstraintsExtension(ca, undefined, true)],
  });
  const der = Buffer.from(made.rawData);
  return {
    name,
    pair,
    key: KeyObject.from(pair.privateKey),
    pem: made.toString('pem'),
    x5c: der.toString('base64'),
    certificate: new X509Certificate(der),
  };
}
