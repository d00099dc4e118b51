import { setTimeout as sleep } from 'node:timers/promises';
import { run } from './program.ts';
import type { Effort } from './options.ts';
import type { Measurement, Row } from './rows/row.ts';
import type { Server } from './servers/server.ts';

/** Milliseconds between two measurements. */
const pause = 200;

/** The measurements of one row on one server, one a round; `error` where it failed. */
export interface Series {
  readonly row: Row;
  readonly server: Server;
  readonly measurements: Measurement[];
  error?: string;
}

export interface RoundsOptions {
  readonly servers: readonly Server[];
  readonly rows: readonly Row[];
  readonly effort: Effort;
  readonly signal: AbortSignal;
  /** Told what is being done, a line at a time. */
  readonly tell: (line: string) => void;
}

interface Cell {
  readonly series: Series;
  readonly measure?: () => Promise<Measurement>;
}

/**
 * Fills every server, and then goes round: each row on each server once a round, the servers in another order each
 * time, so that whatever the machine does beside it meets all of them.
 */
export async function runRounds(options: RoundsOptions): Promise<Series[]> {
  const { rows, servers, effort } = options;
  const cells: Cell[][] = [];
  for (const row of rows) cells.push(await prepareRow(row, servers, options));
  for (let round = effort.warmUp ? 0 : 1; round <= effort.rounds; round += 1) {
    for (const row of cells) for (const cell of rotated(row, round)) await measureOnce(cell, round, options);
  }
  return cells.flat().map(({ series }) => series);
}

function rotated<T>(list: readonly T[], by: number): T[] {
  const at = by % list.length;
  return [...list.slice(at), ...list.slice(0, at)];
}

async function prepareRow(row: Row, servers: readonly Server[], options: RoundsOptions): Promise<Cell[]> {
  const cells: Cell[] = [];
  for (const server of servers) {
    options.tell(`preparing ${row.key} on ${server.title}`);
    const series: Series = { row, server, measurements: [] };
    const measure = await attempt(series, options, () => row.prepare(server));
    cells.push(measure === undefined ? { series } : { series, measure });
  }
  return cells;
}

/** Round 0 warms up and is forgotten. */
async function measureOnce({ series, measure }: Cell, round: number, options: RoundsOptions): Promise<void> {
  if (measure === undefined || series.error !== undefined) return;
  await settle(options.signal);
  const measurement = await attempt(series, options, measure);
  if (measurement === undefined) return;
  if (round > 0) series.measurements.push(measurement);
  const which = round === 0 ? 'warm-up' : `round ${round} of ${options.effort.rounds}`;
  options.tell(`${which}: ${series.row.key} on ${series.server.title}: ${measurement.value.toPrecision(4)}`);
}

/** What one server has not yet written to the disk shall not burden the next. */
async function settle(signal: AbortSignal): Promise<void> {
  await run('sync', [], signal);
  await sleep(pause, undefined, { signal });
}

async function attempt<T>(
  series: Series,
  { signal, tell }: RoundsOptions,
  action: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await action();
  } catch (error) {
    signal.throwIfAborted();
    series.error = (error as Error).message;
    tell(`FAILED: ${series.row.key} on ${series.server.title}: ${series.error}`);
    return undefined;
  }
}
