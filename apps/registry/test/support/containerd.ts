import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Client, clientOf } from './clients.ts';
import type { Tool } from './require.ts';
import { run } from './command.ts';
import { removeFolder, temporaryFolder } from './temporary.ts';
import { until } from './waiting.ts';

export interface Containerd {
  /** `ctr`, which speaks to it. */
  readonly ctr: Client;
  stop(): Promise<void>;
}

/** Starts a containerd of its own in a temporary folder, without the plugin for Kubernetes. Needs root. */
export async function startContainerd(programs: Tool): Promise<Containerd> {
  const folder = await temporaryFolder();
  const address = join(folder, 'containerd.sock');
  await writeFile(join(folder, 'config.toml'), configuration(folder, address));
  const daemon = spawn(programs['containerd']!, ['--config', join(folder, 'config.toml')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  daemon.stderr.setEncoding('utf8').on('data', (text: string) => (log += text));
  const stop = async () => {
    if (daemon.exitCode === null && daemon.kill()) await once(daemon, 'exit');
    await removeFolder(folder);
  };
  const fixed = ['--address', address, '--namespace', 'berth'];
  const answers = async () => {
    if (daemon.exitCode !== null) throw new Error(`containerd ended with ${daemon.exitCode}`);
    const { code } = await run(programs['ctr']!, [...fixed, 'version'], { timeout: 10_000 });
    return code === 0 ? true : undefined;
  };
  try {
    await until('containerd', answers);
  } catch (error) {
    await stop();
    throw new Error(`containerd does not answer:\n${log.slice(-2000)}`, { cause: error });
  }
  return { ctr: clientOf(programs['ctr']!, folder, fixed), stop };
}

function configuration(folder: string, address: string): string {
  return `version = 2
root = ${JSON.stringify(join(folder, 'root'))}
state = ${JSON.stringify(join(folder, 'state'))}
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
address = ${JSON.stringify(address)}
`;
}
