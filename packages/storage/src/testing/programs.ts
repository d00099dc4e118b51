import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** The variables of the process that runs the tests. */
export type TestEnvironment = Readonly<Record<string, string | undefined>>;

/** Whether the environment says that something has to be there (`BERTH_TEST_REQUIRE`, a comma list). */
export function isRequired(name: string, env: TestEnvironment): boolean {
  return (env['BERTH_TEST_REQUIRE'] ?? '').split(',').includes(name);
}

/** The first executable of that name in the folder `BERTH_TEST_BIN` or on the PATH, as a shell would find it. */
export async function findProgram(program: string, env: TestEnvironment): Promise<string | undefined> {
  const folders = [env['BERTH_TEST_BIN'] ?? '', ...(env['PATH'] ?? '').split(delimiter)];
  for (const folder of folders.filter((entry) => entry !== '')) {
    const path = join(folder, program);
    if (await isExecutable(path)) return path;
  }
  return undefined;
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
