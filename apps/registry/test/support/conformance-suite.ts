import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startBerth } from './berth-process.ts';
import { run } from './command.ts';
import { removeFolder, temporaryFolder } from './temporary.ts';

/** Milliseconds that the suite may take. */
export const suiteTimeout = 240_000;

export interface SuiteOptions {
  /** Path of the program. */
  readonly program: string;
  /** `OCI_*` variables beside those that say where the server is. */
  readonly switches: Readonly<Record<string, string>>;
  /** `REGISTRY_*` variables of the server. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The totals of its report, and the lines of what did not pass. */
export interface SuiteResult {
  readonly pass: number;
  readonly fail: number;
  readonly skip: number;
  readonly disabled: number;
  readonly error: number;
  /** `name: FAIL`, without repeats. */
  readonly others: readonly string[];
}

const password = 'a-password-of-the-suite';

/** Runs the OCI conformance suite against a new server with tokens on. Rejects where it does not run to its end. */
export async function runSuite({ program, switches, env }: SuiteOptions): Promise<SuiteResult> {
  const results = await temporaryFolder();
  const berth = await startBerth({ env: { BERTH_ADMIN_PASSWORD: password, ...env } });
  try {
    const options = { env: environment(berth.host, results, switches), cwd: results, timeout: suiteTimeout };
    const { stdout, output } = await run(program, [], options);
    if (!stdout.includes(heading)) throw new Error(`the suite did not end:\n${output.slice(-2000)}`);
    const report = await readFile(join(results, 'results.yaml'), 'utf8');
    return { ...figures(stdout), others: notPassed(report) };
  } finally {
    await berth.remove();
    await removeFolder(results);
  }
}

function environment(host: string, results: string, switches: SuiteOptions['switches']) {
  return {
    PATH: process.env['PATH'],
    OCI_REGISTRY: host,
    OCI_TLS: 'disabled',
    OCI_REPO1: 'conformance/repo1',
    OCI_REPO2: 'conformance/repo2',
    OCI_USERNAME: 'admin',
    OCI_PASSWORD: password,
    OCI_LOG: 'error',
    OCI_RESULTS_DIR: results,
    ...switches,
  };
}

const heading = 'OCI Conformance Result';

/** The totals at the end: `Pass.....:   805`. */
function figures(report: string): Omit<SuiteResult, 'others'> {
  const totals = report.slice(report.indexOf(heading));
  const rows = totals.matchAll(/^ {2}(Pass|FAIL|Skip|Disabled|Error)\.+: +(\d+)$/gm);
  const counts = new Map([...rows].map(([, name, count]) => [name!.toLowerCase(), Number(count)]));
  const count = (name: string): number => {
    const found = counts.get(name);
    if (found === undefined) throw new Error(`the report of the suite has no total of ${name}`);
    return found;
  };
  return {
    pass: count('pass'),
    fail: count('fail'),
    skip: count('skip'),
    disabled: count('disabled'),
    error: count('error'),
  };
}

function notPassed(report: string): string[] {
  const lines = report.match(/^ {2}.+: (FAIL|Skip|Error)$/gm) ?? [];
  return [...new Set(lines.map((line) => line.trim()))];
}
