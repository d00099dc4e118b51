import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { live, type Tally } from './access/live.ts';
import { operations } from './access/operations.ts';
import { worlds } from './access/worlds.ts';

/**
 * Everybody asks everything, in worlds that are made up: users, teams, robots, grants and credentials of every kind.
 * What a real server answers is compared with what the rules say (`access/rights.ts`), case by case.
 */
const count = Number(process.env['BERTH_TEST_WORLDS'] ?? 30);
/** Questions in each world. */
const cases = Number(process.env['BERTH_TEST_CASES'] ?? 160);
/** That of a failure, to see it again. */
const seed = process.env['BERTH_TEST_SEED'];

describe('who may do what', { timeout: 60_000 + 10_000 * count }, () => {
  const tally: Tally = new Map();

  test(`${count * cases} questions are answered as the rules say`, async () => {
    const property = fc.asyncProperty(worlds(cases), (world) => live(world, tally));
    const parameters = {
      numRuns: count,
      endOnFailure: true,
      ...(seed !== undefined && { seed: Number(seed) }),
    };
    const { failed, errorInstance, seed: used, numRuns } = await fc.check(property, parameters);
    const again = `BERTH_TEST_SEED=${used} BERTH_TEST_WORLDS=${count} BERTH_TEST_CASES=${cases}`;
    const message = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
    if (failed) throw new Error(`world ${numRuns}, again with ${again}: ${message}`);
  });

  test.runIf(count >= 20)('and none of the answers is missing', () => {
    const answers = (operation: string) =>
      [...tally.keys()]
        .filter((key) => key.startsWith(`${operation} `))
        .map((key) => key.slice(operation.length + 1));
    for (const [name, { needs }] of Object.entries(operations)) {
      const refused = needs === 'list' ? ['401 no-error'] : ['401 no-error', '401 insufficient_scope'];
      expect([name, answers(name)]).toEqual([name, expect.arrayContaining(refused)]);
      expect([name, answers(name).some((answer) => answer.startsWith('20'))]).toEqual([name, true]);
    }
    for (const name of [
      'PUT manifest by new tag',
      'PUT manifest by tag of another',
      'POST upload',
      'DELETE tag',
    ])
      expect([name, answers(name)]).toEqual([name, expect.arrayContaining(['403 DENIED'])]);
    for (const name of ['DELETE tag', 'DELETE manifest by digest'])
      expect([name, answers(name)]).toEqual([name, expect.arrayContaining(['409 DENIED'])]);
  });
});
