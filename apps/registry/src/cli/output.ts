import type { Writable } from 'node:stream';

/** Prints what a command has to say: for programs the answer as JSON, for people a text made from it. */
export interface Output {
  show(answer: unknown, text: () => string): void;
}

export function createOutput(stdout: Writable, json: boolean): Output {
  return {
    show(answer, text) {
      stdout.write(`${json ? JSON.stringify(answer ?? {}, null, 2) : text()}\n`);
    },
  };
}
