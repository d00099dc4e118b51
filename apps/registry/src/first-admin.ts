import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TokenServer } from '@berth/token-server';

export interface FirstAdmin {
  readonly name: string;
  /** Absent where it was given by `BERTH_ADMIN_PASSWORD`: who set it knows it. */
  readonly password?: string;
  /** Where the password was written, readable by its owner only. */
  readonly file?: string;
}

export interface FirstAdminOptions {
  readonly password: string | undefined;
  readonly folder: string | undefined;
}

/** Makes an administrator where there is no account at all; `undefined` where there is one. */
export async function ensureFirstAdmin(
  tokenServer: TokenServer,
  { password: given, folder }: FirstAdminOptions,
): Promise<FirstAdmin | undefined> {
  const made = await tokenServer
    .ensureAdmin(given === undefined ? {} : { password: given })
    .catch((error: unknown) => {
      throw error instanceof TypeError ? nameVariable(error) : error;
    });
  if (made === undefined || given !== undefined) return made && { name: made.name };
  const { name, password } = made;
  if (folder === undefined) return { name, password };
  const file = join(folder, 'initial-admin-password');
  await rm(file, { force: true });
  await writeFile(file, `${password}\n`, { mode: 0o600 });
  return { name, password, file };
}

/** Only a password that was given can be too short or too long. */
function nameVariable(error: TypeError): Error {
  return new Error(`BERTH_ADMIN_PASSWORD: ${error.message}`, { cause: error });
}
