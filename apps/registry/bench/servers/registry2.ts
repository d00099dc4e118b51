import { findProgram } from '../program.ts';
import { writeRegistryConfig } from './registry-config.ts';
import type { ServerKind } from './server.ts';
import { startServer } from './start-server.ts';

const kind = { name: 'registry2', title: 'registry:2' };

/** The `registry:2` of Debian. */
export const registry2: ServerKind = {
  ...kind,
  advice: 'apt-get install docker-registry',
  locate: () => findProgram('docker-registry'),
  start: async (program, place) =>
    startServer(kind, { file: program, args: ['serve', await writeRegistryConfig(place)] }, place),
};
