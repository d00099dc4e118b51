import type { Series } from './rounds.ts';
import type { Measurement, Row } from './rows/row.ts';
import type { Server } from './servers/server.ts';

/** A Markdown table: the median of each server, and Berth's divided by that of each peer. */
export function renderTable(
  rows: readonly Row[],
  servers: readonly Server[],
  all: readonly Series[],
): string {
  const berth = servers.find(({ name }) => name === 'berth');
  const peers = berth === undefined ? [] : servers.filter((server) => server !== berth);
  const head = [
    '',
    ...servers.map(({ title }) => title),
    ...peers.map(({ title }) => `${berth!.title} / ${title}`),
  ];
  const lines = rows.map((row) => {
    const of = (server: Server) => all.find((series) => series.row === row && series.server === server);
    const ratios = peers.map((peer) => ratio(valueOf(of(berth!)), valueOf(of(peer))));
    return [row.title, ...servers.map((server) => cellOf(of(server))), ...ratios];
  });
  return aligned([head, ...lines]);
}

export function median(numbers: readonly number[]): number | undefined {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle];
  if (upper === undefined || sorted.length % 2 === 1) return upper;
  return (sorted[middle - 1]! + upper) / 2;
}

function valueOf(series: Series | undefined): number | undefined {
  return series && median(series.measurements.map(({ value }) => value));
}

function cellOf(series: Series | undefined): string {
  const value = valueOf(series);
  if (value === undefined) return series?.error === undefined ? '' : 'failed';
  const p99 = median(latencies(series!.measurements));
  return p99 === undefined ? readable(value) : `${readable(value)} (${readable(p99)})`;
}

function latencies(measurements: readonly Measurement[]): number[] {
  return measurements.flatMap(({ p99 }) => p99 ?? []);
}

function ratio(ours: number | undefined, theirs: number | undefined): string {
  return ours === undefined || theirs === undefined ? '' : `${(ours / theirs).toFixed(2)}×`;
}

/** Three digits, or all of a larger number. */
function readable(value: number): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function aligned(lines: readonly (readonly string[])[]): string {
  const [head = [], ...rest] = lines;
  const widths = head.map((_, column) => Math.max(3, ...lines.map((line) => line[column]!.length)));
  const pad = (text: string, column: number) =>
    column === 0 ? text.padEnd(widths[column]!) : text.padStart(widths[column]!);
  const rule = widths.map((width, column) =>
    column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  return [head.map(pad), rule, ...rest.map((line) => line.map(pad))]
    .map((line) => `| ${line.join(' | ')} |\n`)
    .join('');
}
