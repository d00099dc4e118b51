/** Where a value was written: a line of the file or a variable of the environment. */
export type Origin = { line: number } | { variable: string };

/**
 * One thing that is wrong with the configuration. `path` is the key in wire spelling (`http.addr`), `''` for the file as a whole;
 * `message` is a sentence that names the key and stands without the rest.
 */
export type ConfigurationProblem = {
  path: string;
  message: string;
  file?: string;
  line?: number;
  variable?: string;
};

/** A problem with which Berth starts all the same. */
export type ConfigurationWarning = ConfigurationProblem;

/** `config.yml:12: http.adress is not a known key; did you mean http.addr?`, or the variable in place of file and line. */
export function renderProblem({ message, file, line, variable }: ConfigurationProblem): string {
  if (variable !== undefined) return `${variable}: ${message}`;
  if (file === undefined) return message;
  return line === undefined ? `${file}: ${message}` : `${file}:${line}: ${message}`;
}

/**
 * The configuration cannot be used. `message` holds every problem, one line each, in the order of the file; `warnings` is what
 * would have been warned of otherwise.
 */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  readonly problems: readonly ConfigurationProblem[];
  readonly warnings: readonly ConfigurationWarning[];

  constructor(
    problems: readonly ConfigurationProblem[],
    { warnings = [], ...options }: ErrorOptions & { warnings?: readonly ConfigurationWarning[] } = {},
  ) {
    super(problems.map(renderProblem).join('\n'), options);
    this.problems = problems;
    this.warnings = warnings;
  }
}
