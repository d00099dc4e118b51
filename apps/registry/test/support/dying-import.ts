/**
 * Imports as `berth serve` does before it opens its port, and ends itself with SIGKILL when it has come to a phase, and in
 * it past its first half. Its argument: the phase.
 */
import { loadConfiguration } from '../../src/config/index.ts';
import { silentLogger } from '../../src/logging.ts';
import { openParts } from '../../src/parts.ts';

const [phase] = process.argv.slice(2);
const { configuration } = loadConfiguration({ env: process.env, cwd: process.cwd(), systemPaths: [] });
const parts = await openParts(configuration, silentLogger());
await parts.distribution!.importRegistry({
  progress: (progress) => {
    const isEarly = progress.phase === 'importing' && progress.done * 2 < progress.links;
    if (progress.phase === phase && !isEarly) process.kill(process.pid, 'SIGKILL');
  },
});
