import { usageError } from './errors.ts';
import type { Hosts } from './hosts.ts';
import { askSecret, isTerminal } from './secrets.ts';

/** The credentials that a server is given. */
export type Login =
  | { readonly kind: 'password'; readonly user: string; readonly password: string }
  | { readonly kind: 'token'; readonly token: string };

/**
 * `user` of the command line first, with `BERTH_PASSWORD` or what is typed; then `BERTH_TOKEN`; then `BERTH_USER` with
 * a password. A name that was written down is never passed over for somebody else's token.
 */
export async function findLogin(hosts: Hosts, user: string | undefined): Promise<Login> {
  const { environment } = hosts;
  if (user === undefined && environment.token) return { kind: 'token', token: environment.token };
  const name = user ?? environment.user;
  if (!name) {
    throw usageError(
      'who are you? Give --user <name>, or BERTH_USER and BERTH_PASSWORD, or BERTH_TOKEN in the environment',
    );
  }
  if (name.includes(':')) throw usageError(`${JSON.stringify(name)} is no name of a user`);
  const password = environment.password || (await askPassword(hosts, name));
  return { kind: 'password', user: name, password };
}

/** The value of an `Authorization` header. */
export function authorizationOf(login: Login): string {
  if (login.kind === 'token') return `Bearer ${login.token}`;
  return `Basic ${Buffer.from(`${login.user}:${login.password}`).toString('base64')}`;
}

/** What people copy along from other commands: `http://host:5000/v2/`. */
const apiPath = /\/(?:v2|api\/v1)$/;

/** Checks what was given as --server. Throws `CommandError`. */
export function parseServer(text: string): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:\/\//i.test(text)) {
    throw usageError(`--server ${text}: write it as http://host:5000 or https://host`);
  }
  if (url.username !== '' || url.password !== '') {
    throw usageError('--server takes no password; put it into BERTH_PASSWORD or wait to be asked');
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '').replace(apiPath, '')}`;
}

function askPassword(hosts: Hosts, user: string): Promise<string> {
  if (isTerminal(hosts.stdin)) return askSecret(hosts, `Password of ${user}`);
  throw usageError(
    `there is no terminal to ask for the password of ${user}: put it into BERTH_PASSWORD, or a token into BERTH_TOKEN`,
  );
}
