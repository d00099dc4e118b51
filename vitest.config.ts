import { defineConfig } from 'vitest/config';

// Tests run on the sources of every package: nothing has to be built first.
export default defineConfig({
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  test: { include: ['{src,test,bench}/**/*.test.ts'], environment: 'node' },
});
