import type { Environment } from './overrides.ts';

/** Berth's own variables, beside the `REGISTRY_*` ones of the configuration. A variable that is empty is not set. */
export type BerthEnvironment = {
  /** Password of the first admin, in place of a random one. */
  adminPassword?: string;
  /** For the command line: where the server is and who asks. */
  server?: string;
  user?: string;
  password?: string;
  token?: string;
};

const variables = {
  adminPassword: 'BERTH_ADMIN_PASSWORD',
  server: 'BERTH_SERVER',
  user: 'BERTH_USER',
  password: 'BERTH_PASSWORD',
  token: 'BERTH_TOKEN',
} as const satisfies Record<keyof BerthEnvironment, string>;

export function readBerthEnvironment(env: Environment): BerthEnvironment {
  const given = Object.entries(variables).map(([name, variable]) => [name, env[variable]] as const);
  return Object.fromEntries(given.filter(([, value]) => value !== undefined && value !== ''));
}
