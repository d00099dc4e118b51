import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { plainEnvironment } from '../program.ts';
import type { Answer, PushJob, PushResult } from './job.ts';

/** Pushes from a process of its own, which shares no event loop with anything that is measured. */
export async function push(job: PushJob, signal: AbortSignal): Promise<PushResult> {
  const child = fork(join(import.meta.dirname, 'process.ts'), {
    env: plainEnvironment(),
    execArgv: [],
    signal,
  });
  const exited = once(child, 'exit');
  const answered = once(child, 'message', { signal });
  child.send(job);
  const first = await Promise.race([
    answered,
    exited.then(([code]) => [{ error: `the client ended with ${code}` }]),
  ]);
  const answer = first[0] as Answer;
  await exited;
  if ('error' in answer) throw new Error(`push to ${job.url}: ${answer.error}`);
  return answer.result;
}
