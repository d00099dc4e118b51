import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Distribution, ImportProgress, ImportReport, Skip } from '@berth/distribution';
import type { Logger } from '@berth/protocol';
import { sizeOf } from './cli/sentences.ts';
import { dataFolderOf, type Configuration } from './config/index.ts';
import type { Parts } from './parts.ts';

/** How often the log says how far it is, in milliseconds. */
const sayAgain = 1_000;

/**
 * Takes over what a `registry:2` has left in storage, where there is something: the first start does, and one that goes on
 * where it was cut off. Answers what the greeting says of it; `command` is what a person types before `grant add`.
 */
export async function moveIn(
  { distribution, configuration, logger }: Pick<Parts, 'distribution' | 'configuration' | 'logger'>,
  command: string,
): Promise<string[]> {
  if (distribution === undefined) return [];
  const outcome = await distribution.importRegistry({ progress: progressIn(logger) });
  switch (outcome.kind) {
    case 'nothing':
      return [];
    case 'cache':
      logger.warn(
        {},
        'storage holds the cache of a registry:2 that was a mirror (scheduler-state.json): it is not imported, since private images may be in it',
      );
      return [];
    case 'imported': {
      const file = await writeSkips(distribution, configuration, outcome.report);
      logReport(logger, outcome.report);
      const lines = reportLines(outcome.report, file);
      return configuration.auth.kind === 'builtin' ? [...lines, openLine(command)] : lines;
    }
  }
}

function progressIn(logger: Logger): (progress: ImportProgress) => void {
  let said = 0;
  let last: ImportProgress['phase'] | undefined;
  return (progress) => {
    const { phase } = progress;
    const isNews = phase !== last || (phase !== 'waiting' && performance.now() >= said + sayAgain);
    if (!isNews) return;
    last = phase;
    said = performance.now();
    logger.info({}, progressText(progress));
  };
}

function progressText(progress: ImportProgress): string {
  switch (progress.phase) {
    case 'waiting':
      return 'importing from registry:2: another process does it, or was killed at it a moment ago; waiting';
    case 'listing':
      return `importing from registry:2: ${progress.files} files found`;
    case 'importing':
      return `importing from registry:2: ${progress.done} of ${progress.links} links, at ${progress.repository}`;
  }
}

function logReport(logger: Logger, { skipped, ...totals }: ImportReport): void {
  logger.info(totals, 'imported from registry:2');
  for (const { text, count, first } of skipped) {
    const paths = first.map(({ path, detail }) => (detail === '' ? path : `${path} (${detail})`));
    logger.warn({ count, paths }, `importing from registry:2: ${text}`);
  }
}

/** All of it: there may be more than a log should have. */
async function writeSkips(
  distribution: Distribution,
  { storage }: Configuration,
  { skipped }: ImportReport,
): Promise<string | undefined> {
  const folder = dataFolderOf(storage.driver);
  if (folder === undefined || skipped.length === 0) return undefined;
  const file = join(folder, 'import-skipped.txt');
  await pipeline(linesOf(distribution.importSkips()), createWriteStream(file));
  return file;
}

async function* linesOf(skips: AsyncIterable<Skip>): AsyncGenerator<string> {
  for await (const { path, reason, detail } of skips) yield `${reason}\t${path}\t${detail}\n`;
}

function openLine(command: string): string {
  return `  open them ${command} grant add anonymous reader '**' (what was imported is private)`;
}

function reportLines(report: ImportReport, file: string | undefined): string[] {
  const { repositories, manifests, tags, blobs, bytes, skipped, uploads } = report;
  const left = skipped.reduce((sum, { count }) => sum + count, 0);
  return [
    `  imported  ${repositories} repositories, ${manifests} manifests, ${tags} tags, ${blobs} blobs (${sizeOf(bytes)}) of registry:2`,
    ...(left === 0 ? [] : [`  problems  ${left}, listed in ${file ?? 'the log'}`]),
    ...(uploads === 0 ? [] : [`            ${uploads} half-finished uploads; they are not touched`]),
  ];
}
