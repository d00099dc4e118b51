import type { webcrypto } from 'node:crypto';
import type { KeyAlgorithm } from '@berth/protocol';
import { certificateAlgorithm } from './key-algorithms.ts';

/** Long before any token that the key signs, so that a verifier whose clock is late takes it. Milliseconds. */
const backDated = 24 * 3600 * 1000;

/** "No well-defined expiration date" (RFC 5280, section 4.1.2.5): a key ends by rotation. */
const noEnd = new Date('9999-12-31T23:59:59Z');

/**
 * A self-signed certificate, DER in base64. `registry:2` knows keys by nothing else; it trusts the
 * certificate itself, so nothing in it but the key counts.
 */
export async function makeCertificate(
  kid: string,
  keys: webcrypto.CryptoKeyPair,
  algorithm: KeyAlgorithm,
): Promise<string> {
  // Loaded where a key is made and not at each start. The library's injector needs the polyfill before it.
  await import('reflect-metadata');
  const { X509CertificateGenerator } = await import('@peculiar/x509');
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [`Berth token signing key ${kid}`] }],
    keys,
    signingAlgorithm: certificateAlgorithm(algorithm),
    notBefore: new Date(Date.now() - backDated),
    notAfter: noEnd,
  });
  return certificate.toString('base64');
}

/** RFC 7468, section 5. */
export function certificatePem(certificate: string): string {
  const lines = certificate.match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
