import { join } from 'node:path';
import { run } from '../program.ts';

const report = join(import.meta.dirname, 'report.lua');
const turns = join(import.meta.dirname, 'turns.lua');

export interface Load {
  readonly url: string;
  /** `GET` unless given. */
  readonly method?: 'GET' | 'HEAD' | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly connections: number;
  readonly seconds: number;
  /** A file of requests to be asked in turn instead, each line a path and an `Authorization` with a tab between them. */
  readonly turns?: string | undefined;
}

/** What wrk saw. `p50` and `p99` are latencies in milliseconds. */
export interface Reading {
  readonly requestsPerSecond: number;
  readonly bytesPerSecond: number;
  readonly p50: number;
  readonly p99: number;
}

/** Reads one address for a time. Rejects where a request failed: a figure of errors would look good. */
export async function wrk(
  { url, method = 'GET', headers, connections, seconds, turns: file }: Load,
  signal: AbortSignal,
): Promise<Reading> {
  const output = await run(
    'wrk',
    [
      `--threads=${Math.min(connections, 2)}`,
      `--connections=${connections}`,
      `--duration=${seconds}s`,
      '--timeout=60s',
      `--script=${file === undefined ? report : turns}`,
      ...Object.entries(headers).map(([name, value]) => `--header=${name}: ${value}`),
      url,
      '--',
      file ?? method,
    ],
    signal,
  );
  const { requests, bytes, duration, failed, p50, p99 } = parse(output);
  if (failed > 0) throw new Error(`${failed} of ${requests} requests for ${url} failed`);
  const elapsed = duration / 1e6;
  return {
    requestsPerSecond: requests / elapsed,
    bytesPerSecond: bytes / elapsed,
    p50: p50 / 1000,
    p99: p99 / 1000,
  };
}

function parse(output: string): Record<'requests' | 'bytes' | 'duration' | 'failed' | 'p50' | 'p99', number> {
  const line = output.split('\n').findLast((text) => text.startsWith('{'));
  if (line === undefined) throw new Error(`wrk gave no figures:\n${output}`);
  return JSON.parse(line);
}
