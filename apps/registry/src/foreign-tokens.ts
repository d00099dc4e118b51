import { readFile } from 'node:fs/promises';
import { foreignTokenAccess } from '@berth/distribution';
import type { AccessControl } from '@berth/protocol';
import type { AuthChoice } from './config/index.ts';

type ForeignTokens = Extract<AuthChoice, { kind: 'token' }>;

/** Access by `auth.token`. Rejects with one line that names the key and the file that cannot be used. */
export async function openForeignTokens(choice: ForeignTokens): Promise<AccessControl> {
  const rootCertBundle = await readKeys('rootcertbundle', choice.rootCertBundle);
  const jwks = await readKeys('jwks', choice.jwks);
  return foreignTokenAccess({ ...choice, rootCertBundle, jwks }).catch((error: Error) => {
    throw new Error(`auth.token: ${error.message}`, { cause: error });
  });
}

async function readKeys(key: string, path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new Error(`auth.token.${key}: ${path} cannot be read (${error.code})`, { cause: error });
  });
}
