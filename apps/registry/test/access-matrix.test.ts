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

  /** A rare one may need some more worlds. */
  test.runIf(count >= 20)('and none of the answers is missing', async () => {
    for (let more = 0; more < 100 && missingOf(tally).length > 0; more += 1) {
      for (const world of fc.sample(worlds(cases), 1)) await live(world, tally);
    }
    expect(missingOf(tally)).toEqual([]);
  });
});

const created = ['PUT manifest by new tag', 'PUT manifest by tag of another', 'POST upload', 'DELETE tag'];
const kept = ['DELETE tag', 'DELETE manifest by digest'];

/** Answers that an operation has, and that nobody has got yet. */
function missingOf(tally: Tally): string[] {
  const got = [...tally.keys()];
  const refusals = Object.entries(operations).flatMap(([name, { needs }]) => [
    `${name} 401 no-error`,
    ...(needs === 'list' ? [] : [`${name} 401 insufficient_scope`]),
  ]);
  const denials = [
    ...created.map((name) => `${name} 403 DENIED`),
    ...kept.map((name) => `${name} 409 DENIED`),
  ];
  const done = Object.keys(operations).map((name) => `${name} 20`);
  return [
    ...[...refusals, ...denials].filter((answer) => !got.includes(answer)),
    ...done.filter((beginning) => !got.some((answer) => answer.startsWith(beginning))),
  ];
}
