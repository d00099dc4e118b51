import type { Configuration } from './config/index.ts';
import type { FirstAdmin } from './first-admin.ts';
import { version } from './version.ts';

/** What a person sees after the start: where Berth is, where the data is, and what to type first. */
export function greeting(configuration: Configuration, port: number, admin: FirstAdmin | undefined): string {
  const { host, origin } = whereabouts(configuration, port);
  const { driver } = configuration.storage;
  const lines = [
    `Berth listens on ${origin}`,
    `  version   ${version}`,
    `  data      ${driver.kind === 'filesystem' ? driver.rootDirectory : 'in memory: it goes when Berth stops'}`,
    ...(configuration.auth.kind === 'none' ? openLines : adminLines(admin)),
    `  push      docker tag app:1 ${host}/team/app:1 && docker push ${host}/team/app:1`,
    ...(configuration.auth.kind === 'none' ? [] : shareLines(host)),
  ];
  return `\n${lines.join('\n')}\n\n`;
}

const openLines = [
  '  access    open: everyone who reaches this address may pull, push and delete (auth: none)',
];

function adminLines(admin: FirstAdmin | undefined): string[] {
  if (admin === undefined) return [];
  const { name, password, file } = admin;
  if (password === undefined) return [`  account   ${name}, with the password of BERTH_ADMIN_PASSWORD`];
  const written = file === undefined ? '' : `, also in ${file}`;
  return [`  account   ${name}, password ${password} (shown only now${written})`];
}

function shareLines(host: string): string[] {
  return [
    `  log in    docker login ${host} -u admin`,
    '  add user  pnpm berth user add alice',
    "  share     pnpm berth grant add alice writer 'team/**'",
  ];
}

function whereabouts({ http }: Configuration, port: number): { host: string; origin: string } {
  if (http.host !== undefined) return { host: new URL(http.host).host, origin: http.host };
  const { host: name } = http.address;
  const everywhere = name === undefined || ['0.0.0.0', '::', '127.0.0.1', '::1'].includes(name);
  const host = `${everywhere ? 'localhost' : name.includes(':') ? `[${name}]` : name}:${port}`;
  return { host, origin: `http://${host}` };
}
