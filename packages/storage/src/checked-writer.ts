import type { FileWriter } from './driver.ts';
import { StorageError } from './errors.ts';
import { outwardError, type Call } from './foreign-errors.ts';

interface Closing {
  readonly sync: boolean;
  readonly done: Promise<void>;
}

/**
 * Keeps calls in their order, so that `close` may come while a `write` is under way, and lets nothing be written
 * after an error: the bytes behind the gap would look as if they belonged there.
 */
export class CheckedWriter implements FileWriter {
  readonly #writer: FileWriter;
  readonly #call: Call;
  #last: Promise<void> = Promise.resolve();
  #failure: { readonly error: unknown } | undefined;
  #closing: Closing | undefined;

  constructor(writer: FileWriter, call: Call) {
    this.#writer = writer;
    this.#call = call;
  }

  get size(): number {
    return this.#writer.size;
  }

  async write(chunk: Uint8Array): Promise<void> {
    if (this.#closing) throw this.#misuse('the writer is closed');
    await this.#inTurn(async () => {
      if (this.#failure) throw this.#failure.error;
      this.#call.signal?.throwIfAborted();
      await this.#remember('write', () => this.#writer.write(chunk));
    });
  }

  async close({ sync = false }: { readonly sync?: boolean } = {}): Promise<void> {
    if (sync && this.#closing?.sync === false) throw this.#misuse('the writer was closed without sync');
    this.#closing ??= { sync, done: this.#inTurn(() => this.#close(sync)) };
    await this.#closing.done;
  }

  async #close(sync: boolean): Promise<void> {
    if (!this.#failure) return this.#remember('close', () => this.#writer.close({ sync }));
    await this.#writer.close().catch(() => undefined);
    throw this.#failure.error;
  }

  #inTurn(run: () => Promise<void>): Promise<void> {
    const done = this.#last.then(run);
    this.#last = done.catch(() => undefined);
    return done;
  }

  async #remember(member: string, run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      this.#failure = { error: outwardError(error, { ...this.#call, member }) };
      throw this.#failure.error;
    }
  }

  #misuse(what: string): StorageError {
    return new StorageError('IO_ERROR', `${what}: "${this.#call.path}"`);
  }
}
