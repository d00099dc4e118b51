import { Agent } from 'node:http';
import { startBerth } from '../../test/support/berth-process.ts';
import { removeFolder, temporaryFolder } from '../../test/support/temporary.ts';
import type { Population } from './content.ts';
import { fill } from './fill.ts';
import { pullFor, type Pulls } from './pulls.ts';

/** Milliseconds of pulls before the collection. */
const alone = 10_000;

/**
 * Collects garbage from a real server process while others pull, each a manifest by its tag and the blob that it names,
 * and resolves to what that did to the pulls.
 */
export async function benchCollection(population: Population): Promise<string> {
  const folder = await temporaryFolder();
  try {
    await fill(folder, population);
    return await measure(folder, population);
  } finally {
    await removeFolder(folder);
  }
}

async function measure(folder: string, population: Population): Promise<string> {
  const env = { REGISTRY_AUTH: 'none', REGISTRY_STORAGE_DELETE_ENABLED: 'true', REGISTRY_LOG_LEVEL: 'error' };
  const started = performance.now();
  const berth = await startBerth({ folder, env });
  const ready = performance.now() - started;
  try {
    const target = { url: berth.url, agent: new Agent({ keepAlive: true }), population };
    await pullFor(target, alone / 5);
    const before = await pullFor(target, alone);
    const start = performance.now();
    const collecting = berth.berth(['garbage-collect', '--include-recent', '--json']);
    const beside = await pullFor(target, collecting);
    const seconds = (performance.now() - start) / 1000;
    const { report } = JSON.parse((await collecting).stdout) as { report: { blobs: number; bytes: number } };
    return [
      `ready          ${Math.round(ready)} ms after the start of the process, with ${population.blobs} blobs`,
      lineOf('pulls alone', before),
      lineOf('pulls beside', beside),
      `collected      ${report.blobs} blobs, ${report.bytes} bytes, in ${seconds.toFixed(1)} s`,
      `p99            ${(beside.p99 / before.p99).toFixed(2)} times that of pulls alone`,
      '',
    ].join('\n');
  } finally {
    await berth.stop();
  }
}

function lineOf(what: string, { p50, p99, count, failed }: Pulls): string {
  return `${what.padEnd(14)} ${count}, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, ${failed} failed`;
}
