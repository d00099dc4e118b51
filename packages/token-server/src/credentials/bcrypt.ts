/** As `htpasswd -B` and others write it; above 2^14 rounds one comparison would take more than a second. */
const expression = /^\$2[aby]\$(0[4-9]|1[0-4])\$[./A-Za-z0-9]{53}$/;

/** In bytes: bcrypt reads no further. What is longer is no password here, or all that begin alike would be one. */
const longestRead = 72;

/** Whether it is a bcrypt hash of a bearable cost. Berth makes none: they come from elsewhere. */
export function isBcrypt(stored: string): boolean {
  return expression.test(stored);
}

/** Base 2 logarithm of the rounds. */
export function bcryptCost(stored: string): number {
  return Number(expression.exec(stored)?.[1]);
}

/**
 * Takes as long for a password that bcrypt cannot hold. A NUL would end it, for those that write C. The library is native
 * and loaded by its first use: on a platform without its binary Berth runs, and only logins with such a hash throw.
 */
export async function verifyBcrypt(password: string, stored: string): Promise<boolean> {
  const { verify } = await import('@node-rs/bcrypt');
  const equal = await verify(password, stored);
  return equal && Buffer.byteLength(password) <= longestRead && !password.includes('\0');
}
