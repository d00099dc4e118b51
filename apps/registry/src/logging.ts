import type { Logger } from '@berth/protocol';
import { pino, stdSerializers, type DestinationStream } from 'pino';
import type { Configuration } from './config/index.ts';

/**
 * Lines are written some at a time, of 4 kB or a quarter of a second: a write for each would take twice as long as to make it.
 * A stop of any kind but `kill -9` writes what is left.
 */
const buffered = { sync: false, minLength: 4096, periodicFlush: 250 };

/**
 * A line an event: as configured, else for people where the output is a terminal, and JSON where it is none. Secrets
 * stay out of the log since no header, query or body is ever put into it.
 */
export async function createLogger({ level, formatter }: Configuration['log']): Promise<Logger> {
  const { isTTY = false } = process.stdout;
  const shape = formatter ?? (isTTY ? 'text' : 'json');
  const output = shape === 'json' ? pino.destination(buffered) : await linesForPeople(isTTY);
  const logger: Logger = pino({ level, base: {}, serializers: { error: stdSerializers.err } }, output);
  return logger;
}

async function linesForPeople(isTTY: boolean): Promise<DestinationStream> {
  const { default: pretty } = await import('pino-pretty');
  return pretty({
    colorize: isTTY,
    singleLine: true,
    translateTime: 'HH:MM:ss',
    ignore: 'pid,hostname',
    sync: true,
  });
}

/** For commands, whose output is their answer. */
export function silentLogger(): Logger {
  return pino({ level: 'silent' });
}
