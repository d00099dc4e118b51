import type { Row, Tools } from './row.ts';

const layerSize = 256 * 1024 * 1024;
const repository = 'bench/push-256mib';

export function push256mib({ push }: Tools): Row {
  return {
    key: 'push-256mib',
    title: 'push of one 256 MiB layer, MB/s',
    needsWrk: false,
    async prepare(server) {
      const headers = await server.authorize([`repository:${repository}:pull,push`]);
      const until = { images: 1 };
      const job = { url: server.url, headers, repositories: [repository], layerSize, concurrency: 1, until };
      return async () => ({ value: layerSize / 1e6 / (await push(job)).seconds });
    },
  };
}
