import { Origins } from './origins.ts';
import type { ConfigurationProblem, ConfigurationWarning } from './problems.ts';

/** Collects what is wrong with one configuration, and knows where each key was written. */
export class Reports {
  readonly origins = new Origins();
  readonly #file: string | undefined;
  readonly #errors: ConfigurationProblem[] = [];
  readonly #warnings: ConfigurationWarning[] = [];

  /** `file` is the name of the file in messages. */
  constructor(file: string | undefined) {
    this.#file = file;
  }

  add(path: string, message: string, fatal: boolean): void {
    const origin = this.origins.of(path);
    const fromFile = this.#file !== undefined && !(origin && 'variable' in origin) && { file: this.#file };
    (fatal ? this.#errors : this.#warnings).push({ path, message, ...fromFile, ...origin });
  }

  addForVariable(variable: string, message: string): void {
    this.#errors.push({ path: '', message, variable });
  }

  get errors(): readonly ConfigurationProblem[] {
    return this.#errors.toSorted(byLine);
  }

  get warnings(): readonly ConfigurationWarning[] {
    return this.#warnings.toSorted(byLine);
  }
}

/** In the order of the file; what comes from the environment last. */
function byLine(a: ConfigurationProblem, b: ConfigurationProblem): number {
  return (a.line ?? Infinity) === (b.line ?? Infinity) ? 0 : (a.line ?? Infinity) - (b.line ?? Infinity);
}
