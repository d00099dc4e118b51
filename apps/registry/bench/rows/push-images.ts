import type { Server } from '../servers/server.ts';
import type { Measurement, Tools } from './row.ts';

const concurrency = 8;

/** Pushes images with one layer of that size, 8 at once into a repository each, and counts images a second. */
export async function pushImages(
  { push, effort }: Tools,
  server: Server,
  name: string,
  layerSize: number,
): Promise<() => Promise<Measurement>> {
  const repositories = Array.from({ length: concurrency }, (_, number) => `bench/${name}-${number}`);
  const headers = await server.authorize(
    repositories.map((repository) => `repository:${repository}:pull,push`),
  );
  const job = {
    url: server.url,
    headers,
    repositories,
    layerSize,
    concurrency,
    until: { seconds: effort.seconds },
  };
  return async () => {
    const { images, seconds } = await push(job);
    return { value: images / seconds };
  };
}
