import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Distribution, ImportProgress, ImportReport, Skip } from '@berth/distribution';
import type { Logger } from '@berth/protocol';
import { counted, sizeOf } from './cli/sentences.ts';
import { dataFolderOf, type Configuration } from './config/index.ts';
import type { Parts } from './parts.ts';

/** How often the log says how far the import is, in milliseconds. */
const sayAgain = 1_000;

/**
 * Imports what a `registry:2` has left in storage, at the first start and at a start after an import that was cut off.
 * Resolves to the lines of the greeting about it; `command` is what a person types before `grant add`.
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
      return `importing from registry:2: ${counted(progress.files, 'file')} found`;
    case 'importing':
      return `importing from registry:2: ${progress.done} of ${counted(progress.links, 'link')}, at ${progress.repository}`;
  }
}

function logReport(logger: Logger, { skipped, ...totals }: ImportReport): void {
  logger.info(totals, 'imported from registry:2');
  for (const { text, count, first } of skipped) {
    const paths = first.map(({ path, detail }) => (detail === '' ? path : `${path} (${detail})`));
    logger.warn({ count, paths }, `importing from registry:2: ${text}`);
  }
}

/** Writes everything that was skipped to a file: it may be more than a log should hold. `undefined` where nothing was. */
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
  const imported = [
    counted(repositories, 'repository', 'repositories'),
    counted(manifests, 'manifest'),
    counted(tags, 'tag'),
    counted(blobs, 'blob'),
  ];
  const left = skipped.reduce((sum, { count }) => sum + count, 0);
  return [
    `  imported  ${imported.join(', ')} (${sizeOf(bytes)}) of registry:2`,
    ...(left === 0 ? [] : [`  problems  ${left}, listed in ${file ?? 'the log'}`]),
    ...(uploads === 0 ? [] : [`            ${counted(uploads, 'half-finished upload')}, left as before`]),
  ];
}
