import { X509Certificate } from 'node:crypto';

const certificateExpression = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/** The certificates of a PEM file. Throws `TypeError` where there is none, or one that cannot be read. */
export function parseBundle(pem: string): X509Certificate[] {
  const certificates = pem.match(certificateExpression) ?? [];
  if (certificates.length === 0) throw new TypeError('the bundle holds no certificate in PEM');
  return certificates.map((text, index) => {
    try {
      return new X509Certificate(text);
    } catch (error) {
      throw new TypeError(`certificate ${index + 1} of the bundle cannot be read`, { cause: error });
    }
  });
}
