import type { Origin } from './problems.ts';

/** Which line or variable wrote which key; keys are dotted paths, list entries are numbers (`http.trustedproxies.0`). */
export class Origins {
  readonly #byPath = new Map<string, Origin>();

  note(path: string, origin: Origin): void {
    this.#byPath.set(path, origin);
  }

  /** Notes that everything at and below `path` now comes from `origin`. */
  replace(path: string, origin: Origin): void {
    for (const known of this.#byPath.keys()) {
      if (known.startsWith(`${path}.`)) this.#byPath.delete(known);
    }
    this.#byPath.set(path, origin);
  }

  /** The origin of `path`; where only keys below it were written, of the first; else of the nearest key above it. */
  of(path: string): Origin | undefined {
    const exact = this.#byPath.get(path);
    if (exact !== undefined) return exact;
    for (const [known, origin] of this.#byPath) {
      if (known.startsWith(`${path}.`)) return origin;
    }
    for (let at = path; at !== ''; at = parentOf(at)) {
      const origin = this.#byPath.get(at);
      if (origin !== undefined) return origin;
    }
    return undefined;
  }
}

export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('.')));
}

export function join(parent: string, key: string | number): string {
  return parent === '' ? String(key) : `${parent}.${key}`;
}
