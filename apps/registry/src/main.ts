import { runProgram } from './cli/program.ts';
import { processHosts } from './hosts.ts';
import { surviveLostOutput } from './lost-output.ts';

/** The `berth` command, and the server that it starts. */
export async function main(): Promise<void> {
  surviveLostOutput(process);
  process.exitCode = await runProgram(processHosts(), process.argv.slice(2));
}
