import { setTimeout as sleep } from 'node:timers/promises';

/** Asks every 100 ms until there is an answer. Rejects after `timeout` milliseconds, naming what was waited for. */
export async function until<T>(
  what: string | (() => string),
  ask: () => T | undefined | Promise<T | undefined>,
  timeout = 60_000,
): Promise<T> {
  const end = Date.now() + timeout;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > end)
      throw new Error(`waited ${timeout} ms for ${typeof what === 'string' ? what : what()}`);
    await sleep(100);
  }
}
