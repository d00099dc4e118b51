import type { Parts } from './parts.ts';
import type { Task } from './maintenance.ts';

/** How often it is looked whether a key is due, in milliseconds: a fraction of the shortest time that one signs. */
const keyInterval = 300_000;

const pruneInterval = 3_600_000;

export type UpkeepParts = Pick<Parts, 'configuration' | 'tokenServer' | 'logger'>;

/** What is done from time to time about the token server's own data. */
export function tokenTasks(parts: UpkeepParts): Task[] {
  const { auth, audit } = parts.configuration;
  return [
    ...(auth.kind === 'builtin' ? [keyTask(parts), credentialTask(parts)] : []),
    ...(audit.retention > 0 ? [pruneTask(parts, audit.retention)] : []),
  ];
}

/** At the start of a server, and of no command: what the configuration says may be right for the server only. */
export async function adoptAlgorithm({ configuration, tokenServer, logger }: UpkeepParts): Promise<void> {
  if (configuration.auth.kind !== 'builtin') return;
  const rotated = await tokenServer.upkeep.adoptAlgorithm();
  if (rotated !== undefined)
    logger.info({ ...rotated }, 'a new key signs, of the algorithm that is configured');
}

function keyTask({ tokenServer, logger }: UpkeepParts): Task {
  return {
    lease: 'rotate-keys',
    interval: keyInterval,
    failure: 'the keys that sign tokens could not be looked after',
    async work() {
      const { rotated, removed } = await tokenServer.upkeep.keys();
      if (rotated !== undefined) logger.info({ ...rotated }, 'a new key is published, and will sign');
      if (removed.length > 0) logger.info({ removed }, 'keys were removed whose last token has ended');
    },
  };
}

function credentialTask({ tokenServer, logger }: UpkeepParts): Task {
  return {
    lease: 'remove-ended-credentials',
    interval: pruneInterval,
    failure: 'tokens that have ended could not be removed',
    async work() {
      const count = await tokenServer.upkeep.credentials();
      if (count > 0) logger.info({ count }, 'tokens were removed that have ended');
    },
  };
}

function pruneTask({ tokenServer, logger }: UpkeepParts, retention: number): Task {
  return {
    lease: 'prune-audit',
    interval: pruneInterval,
    failure: 'old events could not be removed from the audit',
    async work(signal) {
      const count = await tokenServer.upkeep.audit({ before: Date.now() - retention, signal });
      if (count > 0) logger.info({ count }, 'old events were removed from the audit (audit.retention)');
    },
  };
}
