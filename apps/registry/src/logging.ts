import type { Logger } from '@berth/protocol';
import { pino, stdSerializers } from 'pino';
import pretty from 'pino-pretty';
import type { Configuration } from './config/index.ts';

/**
 * JSON, a line an event; for people where the output is a terminal. No header and no body is ever logged, so that no
 * secret can be; what is named like one is cut out all the same.
 */
export function createLogger({ level, formatter }: Configuration['log']): Logger {
  const options = {
    level,
    base: {},
    redact: [
      'password',
      'secret',
      'token',
      'authorization',
      '*.password',
      '*.secret',
      '*.token',
      '*.authorization',
    ],
    serializers: { error: stdSerializers.err },
  };
  const readable = formatter === 'text' && process.stdout.isTTY;
  return readable
    ? pino(options, pretty({ colorize: true, translateTime: 'HH:MM:ss', ignore: 'pid,hostname', sync: true }))
    : pino(options);
}

/** For commands, whose output is their answer. */
export function silentLogger(): Logger {
  return pino({ level: 'silent' });
}
