import type { Writable } from 'node:stream';
import { sizeOf } from './sentences.ts';

/** How often a line is written over, in milliseconds, however much there is to say. */
const pause = 100;

/** One line that is written over; nothing where nobody looks. */
export class ProgressLine {
  readonly #stream: Writable & { readonly isTTY?: boolean };
  #written = -Infinity;

  constructor(stream: Writable) {
    this.#stream = stream;
  }

  show(text: string): void {
    if (performance.now() < this.#written + pause) return;
    this.#write(text);
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
