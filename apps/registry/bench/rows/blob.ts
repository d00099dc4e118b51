import { pushFixture } from './fixture.ts';
import type { Row, Tools } from './row.ts';

export function blob(tools: Tools): Row {
  return {
    key: 'blob',
    title: 'blob of 256 MiB, 4 connections, GB/s',
    needsWrk: true,
    async prepare(server) {
      const { image, headers } = await pushFixture(tools, server, 'blob', 256 * 1024 * 1024);
      const url = `${server.url}/v2/${image.repository}/blobs/${image.layer}`;
      const load = { url, headers, connections: 4, seconds: tools.effort.seconds };
      return async () => ({ value: (await tools.read(load)).bytesPerSecond / 1e9 });
    },
  };
}
