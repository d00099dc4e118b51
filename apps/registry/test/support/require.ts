import { findProgram as findIn, isRequired as isRequiredIn } from '@berth/storage/testing';
import { test } from 'vitest';

/** Which programs a real client or server consists of. */
const programs = {
  docker: ['dockerd', 'docker'],
  skopeo: ['skopeo'],
  podman: ['podman'],
  buildah: ['buildah'],
  ctr: ['containerd', 'ctr'],
  crane: ['crane'],
  oras: ['oras'],
  regctl: ['regctl'],
  conformance: ['conformance'],
  'docker-registry': ['docker-registry'],
  registry3: ['registry'],
  versitygw: ['versitygw'],
} as const;

export type ToolName = keyof typeof programs;

const needsRoot: ReadonlySet<ToolName> = new Set(['docker', 'podman', 'buildah', 'ctr']);

/** The path of each program by its name. */
export type Tool = Readonly<Record<string, string>>;

/** Whether the environment says that something has to be there (`BERTH_TEST_REQUIRE`, a comma list). */
export function isRequired(name: string): boolean {
  return isRequiredIn(name, process.env);
}

/** The first executable of that name, as a shell would find it. */
export function findProgram(program: string): Promise<string | undefined> {
  return findIn(program, process.env);
}

/**
 * Finds a real client or server in the folder `BERTH_TEST_BIN` or on the PATH. Where it is missing its tests are to be
 * skipped (`describe.skipIf(!docker)`), unless `BERTH_TEST_REQUIRE` names it: then a test fails that says so.
 */
export async function tool(name: ToolName): Promise<Tool | undefined> {
  const missing: string[] = [];
  const found: Record<string, string> = {};
  for (const program of programs[name]) {
    const path = await findProgram(program);
    if (path === undefined) missing.push(`${program} is not on the PATH`);
    else found[program] = path;
  }
  if (needsRoot.has(name) && process.getuid?.() !== 0) missing.push('an engine of its own needs root');
  if (isRequired(name)) expectNothingMissing(name, missing);
  else if (missing.length > 0) test.skip(`needs ${name}: ${missing.join(' and ')}`);
  return missing.length === 0 ? found : undefined;
}

function expectNothingMissing(name: ToolName, missing: readonly string[]): void {
  test(`${name} is here, as BERTH_TEST_REQUIRE demands`, () => {
    if (missing.length > 0) throw new Error(`BERTH_TEST_REQUIRE names ${name}, but ${missing.join(' and ')}`);
  });
}
