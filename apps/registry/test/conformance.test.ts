import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BerthProcess, startBerth } from './support/berth-process.ts';
import { type CommandResult, run } from './support/command.ts';
import { tool } from './support/require.ts';
import { removeFolder, temporaryFolder } from './support/temporary.ts';

const conformance = await tool('conformance');

/** Below the 858 that Berth had when this was written, with 2 skipped and none failed. */
const passesAtLeast = 850;

/** The totals at the end of the suite's report: `Pass.....:   805`. */
function figures(report: string): Record<string, number> {
  const totals = report.slice(report.indexOf('OCI Conformance Result'));
  const rows = totals.matchAll(/^ {2}(Pass|FAIL|Skip|Disabled|Error|Total)\.+: +(\d+)$/gm);
  return Object.fromEntries([...rows].map(([, name, count]) => [name!.toLowerCase(), Number(count)]));
}

describe.skipIf(!conformance)('the OCI conformance suite, with tokens on', { timeout: 240_000 }, () => {
  let berth: BerthProcess;
  let results: string;
  let suite: CommandResult;

  beforeAll(async () => {
    results = await temporaryFolder();
    berth = await startBerth({ env: { BERTH_ADMIN_PASSWORD: 'a-password-of-the-suite' } });
    const env = {
      PATH: process.env['PATH'],
      OCI_REGISTRY: berth.host,
      OCI_TLS: 'disabled',
      OCI_REPO1: 'conformance/repo1',
      OCI_REPO2: 'conformance/repo2',
      OCI_USERNAME: 'admin',
      OCI_PASSWORD: 'a-password-of-the-suite',
      OCI_VERSION: '1.1',
      OCI_LOG: 'error',
      OCI_RESULTS_DIR: results,
    };
    suite = await run(conformance!['conformance']!, [], { env, cwd: results, timeout: 200_000 });
  }, 240_000);

  afterAll(async () => {
    await berth?.remove();
    await removeFolder(results);
  }, 60_000);

  test('runs to its end and says what it found', async () => {
    const { pass = 0, fail = 0, skip = 0, error = 0, disabled = 0 } = figures(suite.stdout);
    const failing = (await readFile(join(results, 'results.yaml'), 'utf8')).match(/^ {2}.+: FAIL$/gm) ?? [];
    process.stdout.write(
      `OCI conformance: ${pass} pass, ${fail} fail, ${skip} skip, ${error} error, ${disabled} disabled\n`,
    );
    for (const line of failing) process.stdout.write(`OCI conformance: ${line.trim()}\n`);
    expect(pass).toBeGreaterThanOrEqual(passesAtLeast);
    expect(error).toBe(0);
  });
});
