import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { ProgressLine } from './progress.ts';

function shown(terminal: { isTTY?: boolean; columns?: number }, text: string): string {
  const stream = Object.assign(new PassThrough(), terminal);
  new ProgressLine(stream).show(text);
  return String(stream.read() ?? '');
}

test('nothing is written where there is no terminal', () => {
  expect(shown({}, '[###] 10 %')).toBe('');
});

test('a line that would wrap is cut, since only one line of the terminal is cleared', () => {
  expect(shown({ isTTY: true, columns: 10 }, '0123456789')).toBe('\r\u001b[2K012345678');
  expect(shown({ isTTY: true, columns: 0 }, '0123456789')).toBe('\r\u001b[2K0123456789');
});

test('control characters are shown as text', () => {
  expect(shown({ isTTY: true }, 'a\u001b[31mb')).toBe('\r\u001b[2Ka\\u001b[31mb');
});
