/** Runs `work` with a signal that Ctrl-C and SIGTERM abort; the same again ends the process at once. */
export async function interruptible<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const end = new AbortController();
  const stop = (signal: NodeJS.Signals) => end.abort(new Error(`stopped by ${signal}`));
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    return await work(end.signal);
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}

/**
 * Calls `stop` at the first Ctrl-C or SIGTERM. Where that answers that there was nothing to stop, and at the next signal, the
 * process ends. The answered function ends the waiting for signals.
 */
export function stopFirst(stop: () => Promise<boolean>): () => void {
  const forget = () => void process.off('SIGINT', first).off('SIGTERM', first);
  const first = (signal: NodeJS.Signals) => {
    forget();
    void stop().then((stopped) => stopped || process.kill(process.pid, signal));
  };
  process.on('SIGINT', first).on('SIGTERM', first);
  return forget;
}
