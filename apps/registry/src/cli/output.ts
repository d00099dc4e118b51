import type { Writable } from 'node:stream';
import { printableLines } from './table.ts';

/** Prints what a command has to say: for programs the answer as JSON, for people a text, without the control characters in it. */
export interface Output {
  show(answer: unknown, text: () => string): void;
}

export function createOutput(stdout: Writable, json: boolean): Output {
  return {
    show(answer, text) {
      stdout.write(`${json ? JSON.stringify(answer ?? {}, null, 2) : printableLines(text())}\n`);
    },
  };
}
