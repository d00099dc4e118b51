import { dataFolderOf, type AuthChoice, type Configuration, type StorageChoice } from './config/index.ts';
import type { FirstAdmin } from './first-admin.ts';
import { tokenServerLines } from './greeting-alone.ts';
import { version } from './installation.ts';
import { localHost, registryHost } from './registry-host.ts';

export interface GreetingOptions {
  readonly port: number;
  /** The one that this start has made. */
  readonly admin: FirstAdmin | undefined;
  /** Lines about an import. */
  readonly imported: readonly string[];
  /** What a person types before `user add`. */
  readonly command: string;
}

/** What a person sees after the start: where Berth is, where the data is, and what to type first. */
export function greeting(
  configuration: Configuration,
  { port, admin, imported, command }: GreetingOptions,
): string {
  const local = localHost(configuration, port);
  const { http, storage, auth } = configuration;
  const origin = http.host ?? `http://${local}`;
  const host = registryHost(configuration, port);
  const alone = storage.driver.kind === 'none' && auth.kind === 'builtin';
  const lines = [
    `Berth listens on http://${local}`,
    `  version   ${version}`,
    ...(http.host === undefined ? [] : [`  address   ${http.host} (http.host)`]),
    `  data      ${dataOf(storage.driver)}`,
    ...(configuration.readOnly ? readOnlyLines : []),
    ...imported,
    ...(alone
      ? [...adminLines(admin), ...shareLines(command), ...tokenServerLines(auth, origin, command)]
      : [
          ...registryLines(configuration, host, admin),
          ...(auth.kind === 'builtin' ? shareLines(command) : []),
        ]),
  ];
  return `\n${lines.join('\n')}\n\n`;
}

function dataOf(driver: StorageChoice): string {
  const folder = dataFolderOf(driver) ?? 'in memory: it goes when Berth stops';
  return driver.kind === 's3' ? `${folder}, blobs in the bucket ${driver.options.bucket}` : folder;
}

const readOnlyLines = [
  '  mode      read-only: pulls work, pushes and deletions are refused (storage.maintenance.readonly)',
];

function registryLines(
  { auth, readOnly }: Configuration,
  host: string,
  admin: FirstAdmin | undefined,
): string[] {
  const push = `  push      docker tag app:1 ${host}/team/app:1 && docker push ${host}/team/app:1`;
  return [...accessLines(auth, host, admin), ...(readOnly ? [] : [push])];
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

const shareLines = (command: string): string[] => [
  `  add user  ${command} user add alice`,
  `  share     ${command} grant add alice writer 'team/**'`,
];
