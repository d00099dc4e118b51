import { join } from 'node:path';
import { processEnvironment } from '../../src/config/process.ts';
import { findProgram, namedProgram, run } from '../program.ts';
import { writeRegistryConfig } from './registry-config.ts';
import type { ServerKind } from './server.ts';
import { startServer } from './start-server.ts';

const kind = { name: 'registry3', title: 'registry:3' };

/** The `registry:3` that was named, or that `go install` has put somewhere. `log`: whether it logs each request. */
export function registry3(named: string | undefined, log = false): ServerKind {
  return {
    ...kind,
    onS3: true,
    advice:
      'go install github.com/distribution/distribution/v3/cmd/registry@v3.1.1, or --registry3 <program>',
    locate: (signal) => (named === undefined ? find(signal) : namedProgram(named)),
    async start(program, place) {
      const args = ['serve', await writeRegistryConfig(place, log)];
      // As its image sets it: else each request is a trace for a collector that is not there.
      return startServer(kind, { file: program, args, env: { OTEL_TRACES_EXPORTER: 'none' } }, place);
    },
  };
}

/** A program called `registry` is not always this one. */
async function find(signal: AbortSignal): Promise<string | undefined> {
  const {
    HOME = '',
    XDG_CACHE_HOME = join(HOME, '.cache'),
    GOPATH = join(HOME, 'go'),
  } = processEnvironment();
  const folders = [join(XDG_CACHE_HOME, 'berth-ci/bin'), join(GOPATH, 'bin')];
  const program = await findProgram('registry', folders);
  if (program === undefined) return undefined;
  const version = await run(program, ['--version'], signal).catch(() => '');
  return version.includes('distribution/v3') ? program : undefined;
}
