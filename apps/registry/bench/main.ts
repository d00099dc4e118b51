import { bench } from './bench.ts';
import { benchCollection } from './collection/collection.ts';
import { parseOptions, usage } from './options.ts';

const abort = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => abort.abort(new Error(`${signal}: everything is stopped and removed`)));
}
const tell = (line: string) => void process.stderr.write(`${line}\n`);

try {
  const options = parseOptions(process.argv.slice(2));
  const { text, failed } = options.collection
    ? { text: await benchCollection(options.effort), failed: false }
    : await bench(options, { tell, signal: abort.signal });
  process.stdout.write(`${text}`);
  process.exitCode = failed ? 1 : 0;
} catch (error) {
  const misused = error instanceof TypeError || error instanceof RangeError;
  tell(abort.signal.aborted ? abort.signal.reason.message : (error as Error).message);
  if (misused) tell(usage);
  process.exitCode = abort.signal.aborted ? 130 : misused ? 2 : 1;
}
