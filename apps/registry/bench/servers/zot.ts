import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { namedProgram } from '../program.ts';
import type { Place, ServerKind } from './server.ts';
import { startServer } from './start-server.ts';

const kind = { name: 'zot', title: 'zot' };

/** zot, where its program is named. */
export function zot(named: string | undefined): ServerKind {
  return {
    ...kind,
    advice: '--zot <program>',
    locate: async () => (named === undefined ? undefined : namedProgram(named)),
    start: async (program, place) =>
      startServer(kind, { file: program, args: ['serve', await writeConfig(place)] }, place),
  };
}

async function writeConfig({ folder, port }: Place): Promise<string> {
  const file = join(folder, 'config.json');
  const configuration = {
    distSpecVersion: '1.1.1',
    storage: { rootDirectory: join(folder, 'data') },
    http: { address: '127.0.0.1', port: String(port) },
    log: { level: 'error' },
  };
  await writeFile(file, JSON.stringify(configuration));
  return file;
}
