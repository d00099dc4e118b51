import { runProgram } from './cli/program.ts';
import { processHosts } from './hosts.ts';

/** The `berth` command, and the server that it starts. */
export async function main(): Promise<void> {
  process.exitCode = await runProgram(processHosts(), process.argv.slice(2));
}
