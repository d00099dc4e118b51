import type { FileWriter, StorageDriver, StorageOptions } from '../driver.ts';
import { StorageError } from '../errors.ts';

/** The driver, and every error it rejected with that the contract does not allow. */
export interface StrictDriver {
  readonly driver: StorageDriver;
  /** Emptied by reading it. */
  takeForeign(): unknown[];
}

/** Notes errors that are neither a {@link StorageError} nor the reason of the signal that was given. */
export function strictErrors(driver: StorageDriver): StrictDriver {
  let foreign: unknown[] = [];
  const pass = async <T>(run: () => Promise<T>, { signal }: StorageOptions = {}): Promise<T> => {
    try {
      return await run();
    } catch (error) {
      const isReason = signal?.aborted && error === signal.reason;
      if (!(error instanceof StorageError) && !isReason) foreign.push(error);
      throw error;
    }
  };
  const each = async function* <T>(items: AsyncIterable<T>, options?: StorageOptions): AsyncGenerator<T> {
    const iterator = items[Symbol.asyncIterator]();
    try {
      for (;;) {
        const { done, value } = await pass(() => iterator.next(), options);
        if (done) return;
        yield value;
      }
    } finally {
      await iterator.return?.();
    }
  };
  return {
    driver: {
      ...driver,
      stat: (path, options) => pass(() => driver.stat(path, options), options),
      read: (path, options) => each(driver.read(path, options), options),
      append: (path, options) =>
        pass(async () => strictWriter(await driver.append(path, options), pass, options), options),
      move: (from, to, options) => pass(() => driver.move(from, to, options), options),
      delete: (path, options) => pass(() => driver.delete(path, options), options),
      list: (prefix, options) => each(driver.list(prefix, options), options),
    },
    takeForeign() {
      const taken = foreign;
      foreign = [];
      return taken;
    },
  };
}

type Pass = <T>(run: () => Promise<T>, options?: StorageOptions) => Promise<T>;

function strictWriter(writer: FileWriter, pass: Pass, options?: StorageOptions): FileWriter {
  return {
    get size() {
      return writer.size;
    },
    write: (chunk) => pass(() => writer.write(chunk), options),
    close: (how) => pass(() => writer.close(how), options),
  };
}
