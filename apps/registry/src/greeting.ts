import type { AuthChoice, Configuration } from './config/index.ts';
import type { FirstAdmin } from './first-admin.ts';
import { command, version } from './installation.ts';

/** What a person sees after the start: where Berth is, where the data is, and what to type first. */
export function greeting(configuration: Configuration, port: number, admin: FirstAdmin | undefined): string {
  const local = `${localName(configuration)}:${port}`;
  const { driver } = configuration.storage;
  const { host: origin } = configuration.http;
  const host = origin === undefined ? local : new URL(origin).host;
  const lines = [
    `Berth listens on http://${local}`,
    `  version   ${version}`,
    ...(origin === undefined ? [] : [`  address   ${origin} (http.host)`]),
    `  data      ${driver.kind === 'filesystem' ? driver.rootDirectory : 'in memory: it goes when Berth stops'}`,
    ...accessLines(configuration.auth, host, admin),
    `  push      docker tag app:1 ${host}/team/app:1 && docker push ${host}/team/app:1`,
    ...(configuration.auth.kind === 'builtin' ? shareLines : []),
  ];
  return `\n${lines.join('\n')}\n\n`;
}

function accessLines(auth: AuthChoice, host: string, admin: FirstAdmin | undefined): string[] {
  switch (auth.kind) {
    case 'none':
      return ['  access    open: everyone who reaches this address may pull, push and delete (auth: none)'];
    case 'token':
      return [
        `  access    by tokens of ${tokenServerOf(auth)} (auth.token)`,
        `  log in    docker login ${host}`,
      ];
    case 'builtin':
      return [...adminLines(admin), `  log in    docker login ${host} -u admin`];
  }
}

function tokenServerOf({ realm }: Extract<AuthChoice, { kind: 'token' }>): string {
  return typeof realm === 'string' ? realm : `${realm.path} at the same address`;
}

function adminLines(admin: FirstAdmin | undefined): string[] {
  if (admin === undefined) return [];
  const { name, password, file } = admin;
  if (password === undefined) return [`  account   ${name}, with the password of BERTH_ADMIN_PASSWORD`];
  const written = file === undefined ? '' : `, also in ${file}`;
  return [`  account   ${name}, password ${password} (shown only now${written})`];
}

const shareLines = [
  `  add user  ${command} user add alice`,
  `  share     ${command} grant add alice writer 'team/**'`,
];

function localName({ http }: Configuration): string {
  const { host: name } = http.address;
  if (name === undefined || ['0.0.0.0', '::', '127.0.0.1', '::1'].includes(name)) return 'localhost';
  return name.includes(':') ? `[${name}]` : name;
}
