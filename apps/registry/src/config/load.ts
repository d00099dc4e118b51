import { assemble } from './configuration.ts';
import type { Configuration } from './configuration.ts';
import { missingIn } from './foreign-tokens.ts';
import { inspect, type Report } from './inspect.ts';
import { locateFile } from './locate.ts';
import type { ConfigurationFile, Search } from './locate.ts';
import { isSection, normalise } from './normalise.ts';
import type { Section } from './normalise.ts';
import { OverrideError, applyOverride, overridesIn } from './overrides.ts';
import type { Environment } from './overrides.ts';
import { ConfigurationError } from './problems.ts';
import type { ConfigurationWarning } from './problems.ts';
import { Reports } from './reports.ts';
import { missingInS3 } from './s3.ts';
import { schema } from './schema.ts';
import type { ParsedFile } from './schema.ts';
import { keyProblems } from './signing-keys.ts';
import { checkTokenServerAlone } from './token-server-alone.ts';
import { YamlSyntaxError, readYaml } from './yaml.ts';

export type ConfigurationSource = { kind: 'file'; path: string } | { kind: 'defaults' };

export type LoadedConfiguration = {
  configuration: Configuration;
  /** Keys without effect, in the order of the file. */
  warnings: readonly ConfigurationWarning[];
  /** Lines for the start: what is right, but other than in the registry that is replaced. */
  notices: readonly string[];
  source: ConfigurationSource;
};

/**
 * Finds and reads the file, lays the `REGISTRY_*` variables of `env` over it and checks the result. `argument` is the path from
 * the command line. Throws ConfigurationError with everything that is wrong.
 */
export function loadConfiguration(search: Search): LoadedConfiguration {
  const file = locateFile(search);
  const reports = new Reports(file?.name);
  const root = file === undefined ? {} : readSection(file, reports);
  override(root, search.env, reports);
  if (file !== undefined && root['version'] === undefined) {
    reports.add('version', 'version is missing; the file must say "version: 0.1"', true);
  }
  const parsed = parse(root, reports);
  if (parsed === undefined) throw new ConfigurationError(reports.errors, { warnings: reports.warnings });
  return {
    configuration: assemble(parsed, search),
    warnings: reports.warnings,
    notices: file !== undefined && root['auth'] === undefined ? [closedByDefault] : [],
    source: file === undefined ? { kind: 'defaults' } : { kind: 'file', path: file.path },
  };
}

const closedByDefault =
  'The configuration has no auth section, so clients must log in (auth.builtin), unlike with registry:2 and registry:3. ' +
  'REGISTRY_AUTH=none opens the registry to everyone.';

/** What does not go together, though no key by itself is wrong. */
function reportS3({ storage, database }: ParsedFile, reports: Reports): void {
  const name = storage.s3 === undefined ? 's3aws' : 's3';
  const keys = storage[name];
  if (keys === undefined) return;
  for (const missing of missingInS3(keys)) {
    reports.add(`storage.${name}`, `storage.${name} ${missing}`, true);
  }
  if (database === undefined) reports.add(`storage.${name}`, needsDatabase(name), true);
}

function needsDatabase(name: string): string {
  return (
    `storage.${name} keeps blobs and nothing else: name the file of the database too, ` +
    'such as database: sqlite:/var/lib/registry/berth.db'
  );
}

function readSection(file: ConfigurationFile, reports: Reports): Section {
  try {
    const document = readYaml(file.text, (path, line) => reports.origins.note(path, { line }));
    if (document !== null && !isSection(document)) throw new YamlSyntaxError('is not a mapping of keys', 1);
    return (normalise(schema, document) ?? {}) as Section;
  } catch (error) {
    if (!(error instanceof YamlSyntaxError)) throw error;
    const line = error.line === undefined ? {} : { line: error.line };
    const message = `the file ${error.message}`;
    throw new ConfigurationError([{ path: '', file: file.name, ...line, message }], { cause: error });
  }
}

function override(root: Section, env: Environment, reports: Reports): void {
  for (const entry of overridesIn(env)) {
    try {
      applyOverride(entry, root, schema, reports.origins);
    } catch (error) {
      if (!(error instanceof OverrideError)) throw error;
      reports.addForVariable(entry.variable, error.message);
    }
  }
}

function parse(root: Section, reports: Reports): ParsedFile | undefined {
  const report: Report = (path, message, fatal) => reports.add(path, message, fatal);
  const acting = checkTokenServerAlone(inspect(schema, root, report), report);
  const result = schema.safeParse(acting);
  for (const { path, message } of result.error?.issues ?? []) {
    reports.add(path.join('.'), `${path.join('.')} ${message}`, true);
  }
  const foreign = result.data?.auth.token;
  for (const missing of foreign === undefined ? [] : missingIn(foreign)) {
    reports.add('auth.token', `auth.token ${missing}`, true);
  }
  if (result.data !== undefined) reportS3(result.data, reports);
  const builtin = result.data?.auth.builtin;
  for (const problem of builtin === undefined ? [] : keyProblems(builtin)) {
    reports.add('auth.builtin.keyrotation', `auth.builtin.keyrotation ${problem}`, true);
  }
  return reports.errors.length === 0 ? result.data : undefined;
}
