import type { Answer, PushJob } from './job.ts';
import { pushAll } from './push-all.ts';

// The process of the client: one job by message, one answer, the end.
process.once('message', async (job: PushJob) => {
  const answer: Answer = await pushAll(job).then(
    (result) => ({ result }),
    (error: Error) => ({ error: error.message }),
  );
  process.send?.(answer, undefined, undefined, () => process.disconnect?.());
});
