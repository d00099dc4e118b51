/**
 * The tests of `test/fuzz.test.ts` with more inputs, and with the seed of a failure where one is named:
 *
 *   node apps/registry/scripts/fuzz.ts [inputs] [seed]
 */
import { resolve } from 'node:path';
import { startVitest } from 'vitest/node';

const [inputs = '100000', seed] = process.argv.slice(2);
const env = { BERTH_TEST_FUZZ_INPUTS: inputs, ...(seed !== undefined && { BERTH_TEST_FUZZ_SEED: seed }) };
const vitest = await startVitest('test', ['test/fuzz.test.ts'], {
  root: resolve(import.meta.dirname, '..'),
  run: true,
  env,
});
await vitest.close();
