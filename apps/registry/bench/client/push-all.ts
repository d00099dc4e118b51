import { Agent } from 'node:http';
import { layerMaker } from './content.ts';
import type { PushedImage, PushJob, PushResult } from './job.ts';
import { pushImage } from './push-image.ts';

/** Pushes until the job is done. Each worker has one connection, which it keeps. */
export async function pushAll({
  url,
  headers,
  repositories,
  layerSize,
  concurrency,
  until,
}: PushJob): Promise<PushResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency });
  const makeLayer = layerMaker(layerSize);
  const run = `${Date.now()}`;
  let begun = 0;
  let pushed: PushedImage | undefined;
  const begin = performance.now();
  const elapsed = () => (performance.now() - begin) / 1000;
  const goesOn = () => ('images' in until ? begun < until.images : elapsed() < until.seconds);
  const work = async () => {
    while (goesOn()) {
      const number = begun++;
      const repository = repositories[number % repositories.length]!;
      pushed = await pushImage({ agent, url, headers }, repository, `${run}-${number}`, makeLayer());
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  const seconds = elapsed();
  agent.destroy();
  return { images: begun, seconds, last: pushed! };
}
