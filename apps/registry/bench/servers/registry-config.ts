import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Place } from './server.ts';

/** Writes what the image of the original brings as its `config.yml`, without logs of requests, and gives its path. */
export async function writeRegistryConfig({ folder, port }: Place): Promise<string> {
  const file = join(folder, 'config.yml');
  const configuration = {
    version: 0.1,
    log: { level: 'error', accesslog: { disabled: true } },
    storage: {
      cache: { blobdescriptor: 'inmemory' },
      filesystem: { rootdirectory: join(folder, 'data') },
    },
    http: { addr: `127.0.0.1:${port}`, headers: { 'X-Content-Type-Options': ['nosniff'] } },
    health: { storagedriver: { enabled: true, interval: '10s', threshold: 3 } },
  };
  await writeFile(file, JSON.stringify(configuration));
  return file;
}
