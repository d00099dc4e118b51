import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const berth = `"${process.execPath}" --conditions=source "${join(import.meta.dirname, '../bin/berth.js')}"`;

/** Runs a line of the shell; `berth` in it is this one. */
async function shell(line: string): Promise<{ stdout: string; stderr: string }> {
  const { stdout, stderr } = await promisify(execFile)('/bin/sh', [
    '-c',
    `berth() { ${berth} "$@"; }; ${line}`,
  ]);
  return { stdout, stderr };
}

test.each([
  ['(berth --help; echo $? >&2) | true', '0\n'],
  ['{ (berth nonsense; echo $? >&3) 2>&1 | true; } 3>&2', '2\n'],
  ['berth --help > /dev/full; echo $? >&2', /^berth: the output cannot be written: .*ENOSPC.*\n1\n$/],
])('%s', async (line, stderr) => {
  const ended = await shell(line);
  expect(ended.stderr).toEqual(typeof stderr === 'string' ? stderr : expect.stringMatching(stderr));
});
