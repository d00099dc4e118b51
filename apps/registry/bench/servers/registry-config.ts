import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { folderStorage } from './storage.ts';
import type { Place } from './server.ts';

/** Writes what the image of the original brings as its `config.yml`, and gives its path; requests are logged where `log` says so. */
export async function writeRegistryConfig(
  { folder, port, storage = folderStorage }: Place,
  log = false,
): Promise<string> {
  const file = join(folder, 'config.yml');
  const configuration = {
    version: 0.1,
    log: { level: log ? 'info' : 'error', accesslog: { disabled: !log } },
    storage: {
      cache: { blobdescriptor: 'inmemory' },
      ...(await storage.section(folder)),
    },
    http: { addr: `127.0.0.1:${port}`, headers: { 'X-Content-Type-Options': ['nosniff'] } },
    health: { storagedriver: { enabled: true, interval: '10s', threshold: 3 } },
  };
  await writeFile(file, JSON.stringify(configuration));
  return file;
}
