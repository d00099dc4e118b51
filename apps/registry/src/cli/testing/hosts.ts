import type { RequestListener } from 'node:http';
import { PassThrough, Writable } from 'node:stream';
import type { Hosts, Input } from '../hosts.ts';
import { runProgram } from '../program.ts';

export interface Surroundings {
  /** What is piped into standard input. */
  readonly stdin?: string;
  /** What a person types, an answer a question; standard input is a terminal then. */
  readonly typed?: readonly string[];
  readonly environment?: Hosts['environment'];
  /** The server of this machine. */
  readonly local?: RequestListener;
  readonly overrides?: Partial<Hosts>;
}

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Changes of the terminal's raw mode, in their order. */
  readonly raw: readonly boolean[];
  /** How often the local server was opened and closed. */
  readonly opened: number;
  readonly closed: number;
}

/** Runs the command line as a process would be run. */
export async function run(args: readonly string[], surroundings: Surroundings = {}): Promise<Ended> {
  const { environment = {}, local, overrides } = surroundings;
  const stdout = new Collector();
  const stderr = new Collector();
  const raw: boolean[] = [];
  const count = { opened: 0, closed: 0 };
  const hosts: Hosts = {
    async openLocal() {
      count.opened += 1;
      if (local === undefined) throw new Error('no server on this machine');
      return { handler: local, close: async () => void (count.closed += 1) };
    },
    serve: async () => {},
    backup: () => Promise.reject(new Error('no server on this machine')),
    restore: () => Promise.reject(new Error('no server on this machine')),
    checkConfiguration: async () => 'the configuration is right',
    showConfiguration: async () => ({ http: { addr: ':5000' } }),
    environment,
    stdin: inputOf(surroundings, stderr, raw),
    stdout,
    stderr,
    version: '1.2.3',
    ...overrides,
  };
  const code = await runProgram(hosts, args);
  return { code, stdout: stdout.text, stderr: stderr.text, raw, ...count };
}

class Collector extends Writable {
  text = '';

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    this.emit('written', chunk.toString());
    done();
  }
}

/** A terminal types its next answer when a question is on the screen. */
function inputOf({ stdin = '', typed }: Surroundings, screen: Collector, raw: boolean[]): Input {
  const input = new PassThrough();
  if (typed === undefined) {
    input.end(stdin);
    return input;
  }
  const answers = [...typed];
  screen.on('written', (text: string) => {
    if (text.endsWith(': ')) setImmediate(() => input.write(answers.shift() ?? '\u0003'));
  });
  return Object.assign(input, { isTTY: true, setRawMode: (mode: boolean) => raw.push(mode) });
}
