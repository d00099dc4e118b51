import { expect, test } from 'vitest';
import { YamlSyntaxError, readYaml } from './yaml.ts';

function linesOf(text: string): Record<string, number> {
  const lines: Record<string, number> = {};
  readYaml(text, (path, line) => (lines[path] = line));
  return lines;
}

test.each([
  { is: 'block mappings', text: '# c\na:\n  b: 1\n\n  c: 2\n', lines: { a: 2, 'a.b': 3, 'a.c': 5 } },
  {
    is: 'flow mappings',
    text: 'a: {b: 1,\n  c: {d: 2,\n e: 3}}\nf: 4',
    lines: { a: 1, 'a.b': 1, 'a.c': 2, 'a.c.d': 2, 'a.c.e': 3, f: 4 },
  },
  {
    is: 'lists',
    text: 'a:\n- x\n- y: 1\n  z: 2\n- [p,\n   q]\n',
    lines: { a: 1, 'a.0': 2, 'a.1': 3, 'a.1.y': 3, 'a.1.z': 4, 'a.2': 5, 'a.2.0': 5, 'a.2.1': 6 },
  },
  { is: 'quoted keys', text: '\n"a":\n  \'b\': 1\n', lines: { a: 2, 'a.b': 3 } },
  { is: 'a text of several lines', text: 'a: |\n  x: 1\n  y: 2\nb: 3\n', lines: { a: 1, b: 4 } },
  {
    is: 'aliases and merges',
    text: 'a: &a\n  b: 1\nc: *a\nd:\n  <<: *a\n',
    lines: { a: 1, 'a.b': 2, c: 3, d: 4, 'd.<<': 5 },
  },
  { is: 'lines that end in CR LF', text: 'a: 1\r\nb: 2\r\n', lines: { a: 1, b: 2 } },
  { is: 'a marked document', text: '---\na: 1\n...\n', lines: { a: 2 } },
])('the lines of $is', ({ text, lines }) => {
  expect(linesOf(text)).toEqual(lines);
});

test('scalars stay as written, only null is read', () => {
  const text = 'a: 0123\nb: yes\nc: ~\nd: "null"\ne:\nf: !!int 7\ng: 1e5\nh: 2024-01-02\n';
  const value = { a: '0123', b: 'yes', c: null, d: 'null', e: null, f: '7', g: '1e5', h: '2024-01-02' };
  expect(readYaml(text)).toEqual(value);
});

test('empty text is null', () => {
  expect(readYaml('# nothing\n')).toBeNull();
});

test('an error has its line', () => {
  expect(() => readYaml('a: 1\nb: [1\nc: 2\n')).toThrow(
    expect.objectContaining({ name: 'YamlSyntaxError', line: 3 }),
  );
  expect(() => readYaml('a: !!unknown 1\n')).toThrow(YamlSyntaxError);
});
