import type { PushedImage } from '../client/job.ts';
import { manifestType } from '../client/push-image.ts';
import type { Server } from '../servers/server.ts';
import { pushFixture } from './fixture.ts';
import type { Measurement, Tools } from './row.ts';

/** Reads the manifest of one image by a reference at 16 connections. */
export async function manifestReads(
  tools: Tools,
  server: Server,
  name: string,
  referenceOf: (image: PushedImage) => string,
): Promise<() => Promise<Measurement>> {
  const { image, headers } = await pushFixture(tools, server, name, 10_000);
  const load = {
    url: `${server.url}/v2/${image.repository}/manifests/${referenceOf(image)}`,
    headers: { ...headers, accept: manifestType },
    connections: 16,
    seconds: tools.effort.seconds,
  };
  return async () => {
    const { requestsPerSecond, p99 } = await tools.read(load);
    return { value: requestsPerSecond, p99 };
  };
}
