import type { AuthChoice } from './config/index.ts';

type Builtin = Extract<AuthChoice, { kind: 'builtin' }>;

/** What a person sees after the start of a token server alone: `origin` is where clients reach it, `command` what one types. */
export function tokenServerLines({ issuer, services }: Builtin, origin: string, command: string): string[] {
  return [
    '  storage   none: this is a token server only',
    `  tokens    ${origin}/auth/token`,
    ...services.flatMap(({ name, keys }) => registryLines({ name, keys, origin, issuer, command })),
  ];
}

interface RegistryLines {
  readonly name: string;
  readonly keys: 'rootcertbundle' | 'jwks';
  readonly origin: string;
  readonly issuer: string;
  readonly command: string;
}

const files = { rootcertbundle: ['berth.pem', ' --format pem'], jwks: ['berth-jwks.json', ''] } as const;

/** What to do for one registry: the file of keys, and the lines of its own configuration. */
function registryLines({ name, keys, origin, issuer, command }: RegistryLines): string[] {
  const [file, format] = files[keys];
  return [
    `  for       ${name}: ${command} keys export${format} > ${file}, and in the config.yml of that registry`,
    '              auth:',
    '                token:',
    `                  realm: ${origin}/auth/token`,
    `                  service: ${name}`,
    `                  issuer: ${issuer}`,
    `                  ${keys}: /etc/distribution/${file}`,
  ];
}
