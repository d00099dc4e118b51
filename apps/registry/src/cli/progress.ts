import type { Writable } from 'node:stream';
import { sizeOf } from './sentences.ts';
import { printable } from './table.ts';

/** How often a line is written over, in milliseconds, however much there is to say. */
const pause = 100;

/** One line of a terminal that is written over, and cut where it would wrap. Nothing is written where there is no terminal. */
export class ProgressLine {
  readonly #stream: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  #written = -Infinity;

  constructor(stream: Writable) {
    this.#stream = stream;
  }

  show(text: string): void {
    if (performance.now() < this.#written + pause) return;
    this.#write(printable(text).slice(0, (this.#stream.columns || Infinity) - 1));
  }

  clear(): void {
    this.#write('');
  }

  #write(text: string): void {
    this.#written = performance.now();
    if (this.#stream.isTTY) this.#stream.write(`\r\x1b[2K${text}`);
  }
}

const barWidth = 30;

/** `[####……] 13 %, 1.2 MB of 9.3 MB`. */
export function progressBar(bytes: number, of: number): string {
  const part = of === 0 ? 1 : Math.min(1, bytes / of);
  const bar = '#'.repeat(Math.round(part * barWidth)).padEnd(barWidth, '.');
  return `[${bar}] ${Math.floor(part * 100)} %, ${sizeOf(bytes)} of ${sizeOf(of)}`;
}
