/**
 * Kills a server under mixed traffic again and again, and says what was lost: nothing.
 *
 *   node --conditions=source apps/registry/scripts/kill.ts [rounds, 500 where absent]
 */
import { killRepeatedly } from '../test/crash/traffic.ts';
import { removeFolder, temporaryFolder } from '../test/support/temporary.ts';

const rounds = Number(process.argv[2] ?? 500);
const folder = await temporaryFolder();
try {
  const { problems, requests, slowestStart } = await killRepeatedly(folder, rounds);
  for (const problem of problems) console.log(problem);
  console.log(
    `${rounds} kills, ${requests} turns of work, ${problems.length} problems; ` +
      `ready again after ${Math.round(slowestStart)} ms at most`,
  );
  process.exitCode = problems.length === 0 ? 0 : 1;
} finally {
  await removeFolder(folder);
}
