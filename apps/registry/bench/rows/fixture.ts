import type { PushedImage } from '../client/job.ts';
import type { Server } from '../servers/server.ts';
import type { Tools } from './row.ts';

export interface Fixture {
  readonly image: PushedImage;
  /** Headers of requests that pull it. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Pushes one image that is to be read, as `bench/<name>`. */
export async function pushFixture(
  { push }: Tools,
  server: Server,
  name: string,
  layerSize: number,
): Promise<Fixture> {
  const repository = `bench/${name}`;
  const headers = await server.authorize([`repository:${repository}:pull,push`]);
  const { last } = await push({
    url: server.url,
    headers,
    repositories: [repository],
    layerSize,
    concurrency: 1,
    until: { images: 1 },
  });
  return { image: last, headers: await server.authorize([`repository:${repository}:pull`]) };
}
