import { expect, test } from 'vitest';
import { readCitations, type Citations } from './interoperability/citations.ts';
import { readPage, type Entry } from './interoperability/page.ts';
import { elsewhere } from './wire/rules.ts';
import { tables } from './wire/tables.ts';

/** `docs/interoperability.md` against what cites it. */
const page = await readPage();
const citations = await readCitations();
const kinds = [
  ['rules', page.rules],
  ['security', page.security],
] as const;

const numbersOf = (entries: readonly Entry[]) => entries.map(({ number }) => number);
const ascending = (numbers: Iterable<number>) => [...new Set(numbers)].toSorted((a, b) => a - b);
const citesOf = (kind: 'rules' | 'security', { path, [kind]: numbers }: Citations) =>
  [...numbers].map((number) => ({ path, number }));

test.each(kinds)('%s: the numbers ascend, none of them twice', (_, entries) => {
  expect(numbersOf(entries)).toEqual(ascending(numbersOf(entries)));
  expect(entries.length).toBeGreaterThan(30);
});

test.each(kinds)('%s: what sources and tests cite is in the page', (kind, entries) => {
  const known = new Set(numbersOf(entries));
  const cited = citations.flatMap((file) => citesOf(kind, file));
  expect(cited.length).toBeGreaterThan(30);
  expect(cited.filter(({ number }) => !known.has(number))).toEqual([]);
});

test.each(kinds)('%s: the tests that the page names cite the number', (kind, entries) => {
  const byPath = new Map(citations.map((file) => [file.path, file[kind]]));
  const named = entries.flatMap(({ number, heldIn }) => heldIn.map((path) => ({ path, number })));
  expect(named.filter(({ path, number }) => !byPath.get(path)?.has(number))).toEqual([]);
});

test('each rule has a row on the wire, or is named as one without', () => {
  const rows = tables.flatMap((table) => table.rows.flatMap(({ rule = [] }) => rule));
  const without = Object.keys(elsewhere).map(Number);
  expect(ascending([...rows, ...without])).toEqual(numbersOf(page.rules));
  expect(rows.filter((rule) => without.includes(rule))).toEqual([]);
});

test('each security test is held somewhere', () => {
  expect(page.security.filter(({ heldIn }) => heldIn.length === 0)).toEqual([]);
});
