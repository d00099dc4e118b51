import { defineConfig } from 'vitest/config';
import type { Reporter, Vitest } from 'vitest/node';

/** Names what CI had to try twice: it may be a test, or code, that fails by chance. */
function namesSecondTries(): Reporter {
  let log: Vitest['logger'] | undefined;
  return {
    onInit: ({ logger }) => {
      log = logger;
    },
    onTestCaseResult: (test) => {
      if (!test.diagnostic()?.flaky) return;
      const reasons = (test.result().errors ?? []).map(({ message }) => message);
      log?.log(`Second try: ${test.module.relativeModuleId}: ${test.fullName}: ${reasons.join('; ')}`);
    },
  };
}

// Tests run on the sources of every package: nothing has to be built first.
export default defineConfig({
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  test: {
    include: ['{src,test,bench}/**/*.test.ts'],
    environment: 'node',
    // Against a hang. No test proves a speed by these: on a busy machine everything takes many times as long.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
    retry: process.env['CI'] ? 1 : 0,
    reporters: ['default', namesSecondTries()],
  },
});
