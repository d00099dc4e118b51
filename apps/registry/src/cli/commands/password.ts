import type { CommandOption } from '../define.ts';
import { usageError } from '../errors.ts';
import type { Hosts } from '../hosts.ts';
import { askNewPassword, isTerminal, readPiped } from '../secrets.ts';

export interface PasswordOptions {
  passwordStdin?: boolean;
  /** False where --no-password was given. */
  password?: boolean;
}

export const passwordOptions: readonly CommandOption[] = [
  ['--password-stdin', 'read the password from standard input'],
];

/** The password for `whose` account, `undefined` for none. It is asked for or piped in, and never an argument. */
export async function newPassword(
  hosts: Hosts,
  whose: string,
  { passwordStdin, password }: PasswordOptions,
): Promise<string | undefined> {
  if (passwordStdin === true && password === false) {
    throw usageError('--password-stdin and --no-password exclude each other');
  }
  if (password === false) return undefined;
  if (passwordStdin === true) return readPiped(hosts.stdin);
  if (isTerminal(hosts.stdin)) return askNewPassword(hosts, whose);
  const without = password === undefined ? '' : ', or --no-password to do without one';
  throw usageError(
    `there is no terminal to ask for a password: use --password-stdin to read it from standard input${without}`,
  );
}
