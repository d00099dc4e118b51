import { StringDecoder } from 'node:string_decoder';
import { CommandError, usageError } from './errors.ts';
import type { Hosts, Input } from './hosts.ts';

type Streams = Pick<Hosts, 'stdin' | 'stderr'>;

const enter = /[\r\n]/;
const interrupt = '\u0003';
const endOfInput = '\u0004';
const eraseLine = '\u0015';
const erase = new Set(['\b', '\u007f']);

export function isTerminal(stdin: Input): boolean {
  return stdin.isTTY === true && stdin.setRawMode !== undefined;
}

/** Asks on the terminal; what is typed is not shown. Rejects when the person gives up with Ctrl-C or Ctrl-D. */
export async function askSecret({ stdin, stderr }: Streams, question: string): Promise<string> {
  stderr.write(`${question}: `);
  stdin.setRawMode?.(true);
  try {
    return await readLine(stdin);
  } finally {
    stdin.setRawMode?.(false);
    stderr.write('\n');
  }
}

/** Asks on the terminal, which shows what is typed. Rejects when the person gives up with Ctrl-D. */
export async function askLine({ stdin, stderr }: Streams, question: string): Promise<string> {
  stderr.write(`${question}: `);
  return readLine(stdin);
}

/** A new password, asked for until it was typed twice alike; at most three times. */
export async function askNewPassword(streams: Streams, whose: string): Promise<string> {
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    const password = await askSecret(streams, `New password for ${whose}`);
    const again = await askSecret(streams, 'The same again');
    if (password === again) return password;
    streams.stderr.write('These were not the same.\n');
  }
  throw new CommandError('usage', 'the two passwords were never the same; nothing was changed');
}

/** Everything on standard input, without one line break at its end. */
export async function readPiped(stdin: Input): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk as Uint8Array | string));
  const text = Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '');
  if (text === '') throw usageError('standard input holds no password');
  return text;
}

function readLine(stdin: Input): Promise<string> {
  const decoder = new StringDecoder('utf8');
  let line = '';
  return new Promise((resolve, reject) => {
    const finish = (act: () => void) => {
      stdin.off('data', read).off('end', stop).off('error', stop);
      stdin.pause();
      act();
    };
    const stop = () => finish(() => reject(new CommandError('usage', 'given up; nothing was changed')));
    const read = (chunk: Uint8Array | string) => {
      const text = typeof chunk === 'string' ? chunk : decoder.write(chunk as Buffer);
      const end = text.search(enter);
      const typed = end < 0 ? text : text.slice(0, end);
      if (typed.includes(interrupt) || typed.includes(endOfInput)) return stop();
      line = edited(line, typed);
      if (end < 0) return undefined;
      const rest = text.slice(end).replace(/^\r?\n|^\r/, '');
      return finish(() => {
        if (rest !== '') stdin.unshift(Buffer.from(rest));
        resolve(line);
      });
    };
    stdin.on('data', read).once('end', stop).once('error', stop);
    stdin.resume();
  });
}

/** The line after the keys that were pressed: a terminal in raw mode leaves erasing to us. */
function edited(line: string, typed: string): string {
  const characters = [...line];
  for (const key of typed) {
    if (erase.has(key)) characters.pop();
    else if (key === eraseLine) characters.length = 0;
    else characters.push(key);
  }
  return characters.join('');
}
