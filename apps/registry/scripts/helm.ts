/**
 * Pushes a chart with Helm to a real server process, pulls it back, and says what happened:
 *
 *   go install helm.sh/helm/v3/cmd/helm@latest
 *   node --conditions=source apps/registry/scripts/helm.ts [path of helm]
 */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startBerth } from '../test/support/berth-process.ts';
import { type CommandResult, run } from '../test/support/command.ts';
import { removeFolder, temporaryFolder } from '../test/support/temporary.ts';

const [helm = 'helm'] = process.argv.slice(2);
const password = randomBytes(16).toString('hex');
const folder = await temporaryFolder();
const berth = await startBerth({ env: { BERTH_ADMIN_PASSWORD: password } });
try {
  const charts = `oci://${berth.host}/admin/charts`;
  const login = ['registry', 'login', '--plain-http', '-u', 'admin', '--password-stdin', berth.host];
  await refused('log in with a wrong password', login, 'wrong');
  await done('log in with the password', login, password);
  await done('make a chart', ['create', 'boat']);
  await done('package it', ['package', 'boat']);
  await done('push', ['push', '--plain-http', 'boat-0.1.0.tgz', charts]);
  await done('show', ['show', 'chart', '--plain-http', `${charts}/boat`]);
  await mkdir(join(folder, 'back'));
  await done('pull', ['pull', '--plain-http', '--destination', join(folder, 'back'), `${charts}/boat`]);
  await done('render from the registry', ['template', '--plain-http', 'boat', `${charts}/boat`]);
  const [sent, back] = await Promise.all(
    ['boat-0.1.0.tgz', 'back/boat-0.1.0.tgz'].map((path) => readFile(join(folder, path))),
  );
  say('the chart came back byte for byte', sent!.equals(back!));
  await done('log out', ['registry', 'logout', berth.host]);
  await refused('pull without a login', ['pull', '--plain-http', `${charts}/boat`]);
} finally {
  await berth.remove();
  await removeFolder(folder);
}

async function call(args: readonly string[], input = ''): Promise<CommandResult> {
  const env = { PATH: '/usr/bin:/bin', HOME: folder, HELM_CACHE_HOME: folder, HELM_CONFIG_HOME: folder };
  return run(helm, args, { cwd: folder, env, input });
}

async function done(what: string, args: readonly string[], input?: string): Promise<void> {
  const { code, output } = await call(args, input);
  say(what, code === 0, output);
}

async function refused(what: string, args: readonly string[], input?: string): Promise<void> {
  const { code, output } = await call(args, input);
  say(`${what}: refused`, code !== 0 && /unauthorized|denied|401/i.test(output), output);
}

function say(what: string, good: boolean, output = ''): void {
  console.log(`${good ? 'ok    ' : 'FAILED'} ${what}${good ? '' : `\n${output}`}`);
  if (!good) process.exitCode = 1;
}
