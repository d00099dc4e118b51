import { decodeProtectedHeader } from 'jose';
import { startBerth, type BerthProcess, type Person } from './berth-process.ts';
import { basic } from './registry-client.ts';

export type KeysSetting = 'rootcertbundle' | 'jwks';

/** The real server with `storage: none`. */
export interface TokenServerAlone {
  readonly berth: BerthProcess;
  /** Where clients get a token. */
  readonly realm: string;
  /** The administration API, as the admin. */
  api(method: string, path: string, body?: object): Promise<{ status: number; body: any }>;
  /** The id. */
  grant(name: string, role: string, repository: string): Promise<string>;
  /** What `berth` on the machine of the token server prints; another exit code than 0 is an error. */
  typed(...args: string[]): Promise<string>;
  /** The file of keys for a registry. */
  exported(keys: KeysSetting): Promise<string>;
  /** The id of the key that signs at this moment. */
  signingKey(service: string): Promise<string | undefined>;
  remove(): Promise<void>;
}

export interface TokenServerAloneOptions {
  readonly services: readonly { readonly name: string; readonly keys: KeysSetting }[];
  readonly people: readonly Person[];
}

const admin = { name: 'admin', password: 'the-password-of-the-admin' };

export async function startTokenServerAlone(options: TokenServerAloneOptions): Promise<TokenServerAlone> {
  const env = {
    BERTH_ADMIN_PASSWORD: admin.password,
    REGISTRY_AUTH_BUILTIN_SERVICES: JSON.stringify(options.services),
  };
  const berth = await startBerth({ withoutStorage: true, env });
  // By name: crane and others refuse a token server at an address of this machine that is not the registry's own.
  const realm = `http://${berth.host}/auth/token`;
  const api = apiOf(berth);
  const typed = async (...args: string[]) => {
    const { code, stdout, output } = await berth.berth(args);
    if (code !== 0) throw new Error(output);
    return stdout;
  };
  for (const person of options.people) await api('POST', '/users', person);
  return {
    berth,
    realm,
    api,
    typed,
    grant: async (name, role, repository) =>
      (await api('POST', '/grants', { subject: `user:${name}`, role, repository })).body.id,
    exported: (keys) => typed('keys', 'export', '--format', keys === 'jwks' ? 'jwks' : 'pem'),
    async signingKey(service) {
      const answer = await fetch(`${realm}?${new URLSearchParams({ service })}`);
      return decodeProtectedHeader(((await answer.json()) as { token: string }).token).kid;
    },
    remove: () => berth.remove(),
  };
}

function apiOf({ url }: BerthProcess): TokenServerAlone['api'] {
  return async (method, path, body) => {
    const answer = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: { authorization: basic(admin), 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, body: text === '' ? undefined : JSON.parse(text) };
  };
}
