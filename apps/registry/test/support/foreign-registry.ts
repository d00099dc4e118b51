import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '@berth/storage-s3/testing';
import { run } from './command.ts';
import { isRequired, tool, type Tool } from './require.ts';
import { removeFolder, temporaryFolder } from './temporary.ts';
import { until } from './waiting.ts';

/** A program called `registry` is not always this one. Where it has to be there, the tests fail with what there is. */
export async function registry3(): Promise<Tool | undefined> {
  const found = await tool('registry3');
  if (found === undefined || isRequired('registry3')) return found;
  const { output } = await run(found['registry']!, ['--version']);
  return output.includes('distribution/v3') ? found : undefined;
}

/** A real registry that is not Berth, and asks a token server who may do what. */
export interface ForeignRegistry {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** What it has written to its log. */
  output(): string;
  /** Stops it and starts it again, on the same port and data, with this in its file of keys. */
  restart(content: string): Promise<void>;
  stop(): Promise<void>;
}

export interface ForeignRegistryOptions {
  readonly program: string;
  readonly realm: string;
  readonly service: string;
  readonly keys: 'rootcertbundle' | 'jwks';
  /** What is in the file of keys. */
  readonly content: string;
}

export async function startForeignRegistry(options: ForeignRegistryOptions): Promise<ForeignRegistry> {
  const folder = await temporaryFolder();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const start = async (content: string) =>
    startProgram(options.program, await configure(folder, port, { ...options, content }), url);
  let running = await start(options.content);
  return {
    url,
    output: () => running.output(),
    async restart(content) {
      await running.stop();
      running = await start(content);
    },
    async stop() {
      await running.stop();
      await removeFolder(folder);
    },
  };
}

/** Starts a registry and waits until it answers at `url`. */
export async function startProgram(program: string, configuration: string, url: string) {
  const child = spawn(program, ['serve', configuration], {
    // As the image of registry:3 sets it: else each request is a trace for a collector that is not there.
    env: { OTEL_TRACES_EXPORTER: 'none' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += String(text)));
  const ended = once(child, 'exit');
  await until(`${url} to answer`, async () => {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}:\n${output}`);
    return fetch(`${url}/v2/`).catch(() => undefined);
  });
  return {
    output: () => output,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function configure(folder: string, port: number, options: ForeignRegistryOptions): Promise<string> {
  const { realm, service, keys, content } = options;
  const keysFile = join(folder, 'keys');
  await writeFile(keysFile, content);
  const configuration = {
    version: 0.1,
    storage: { filesystem: { rootdirectory: join(folder, 'data') } },
    http: { addr: `127.0.0.1:${port}` },
    auth: { token: { realm, service, issuer: 'berth', [keys]: keysFile } },
  };
  const file = join(folder, 'config.yml');
  await writeFile(file, JSON.stringify(configuration));
  return file;
}
