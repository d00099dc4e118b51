import { keyAlgorithms, type KeyAlgorithm } from '@berth/protocol';
import type { Scalar } from './scalars.ts';

export const keyAlgorithm: Scalar<KeyAlgorithm> = {
  name: keyAlgorithms.join(' or '),
  read: (given) => keyAlgorithms.find((algorithm) => algorithm === given),
};

/** Somebody, or a job that runs every day, has to bring the new key to a registry that reads it from a file. Milliseconds. */
const leadForFiles = 86_400_000;

/** What does not go together in `auth.builtin`, though no key by itself is wrong. Times are milliseconds. */
export function keyProblems(builtin: {
  readonly keyrotation: number;
  readonly keylead: number;
  readonly services: readonly object[];
}): string[] {
  const { keyrotation, keylead, services } = builtin;
  if (keyrotation === 0) return [];
  if (services.length > 0 && keylead < leadForFiles) {
    return [
      'needs auth.builtin.keylead of at least 24h where there are auth.builtin.services: they read the keys from a file ' +
        'when they start, and would refuse tokens of a key that they do not have',
    ];
  }
  return keylead < keyrotation ? [] : ['must be longer than auth.builtin.keylead'];
}
