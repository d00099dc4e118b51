import { checkedDriver } from './checked-driver.ts';
import type { FileWriter, ReadOptions, StorageDriver } from './driver.ts';
import { StorageError } from './errors.ts';
import { MemoryFile } from './memory-file.ts';
import { rangeWithin } from './ranges.ts';

const CHUNK_BYTES = 64 * 1024;

/** Keeps files in memory, for tests and for trying things out. Every call makes a store of its own. */
export function memoryDriver(): StorageDriver {
  const files = new Map<string, MemoryFile>();
  const below = (folder: string) => {
    return [...files.keys()].filter((path) => folder === '' || path.startsWith(`${folder}/`));
  };
  return checkedDriver({
    async stat(path) {
      const file = files.get(path);
      return file ? { size: file.size } : null;
    },

    async *read(path, options) {
      yield* chunksOf(existing(files, path), options);
    },

    async append(path) {
      const file = files.get(path) ?? new MemoryFile();
      files.set(path, file);
      return memoryWriter(file);
    },

    async move(from, to) {
      const file = existing(files, from);
      files.delete(from);
      files.set(to, file);
    },

    async delete(path) {
      for (const each of [path, ...below(path)]) files.delete(each);
    },

    async *list(prefix) {
      yield* below(prefix);
    },
  });
}

function existing(files: ReadonlyMap<string, MemoryFile>, path: string): MemoryFile {
  const file = files.get(path);
  if (!file) throw new StorageError('NOT_FOUND', `no file at "${path}"`);
  return file;
}

/** Wipes each chunk when the next is asked for, so that a caller who keeps one finds out in its tests. */
function* chunksOf(file: MemoryFile, options?: ReadOptions): Generator<Uint8Array> {
  const { start, end } = rangeWithin(file.size, options);
  const buffer = new Uint8Array(Math.min(CHUNK_BYTES, end - start));
  for (let position = start; position < end; position += buffer.length) {
    const bytes = file.slice(position, Math.min(position + buffer.length, end));
    buffer.set(bytes);
    yield buffer.subarray(0, bytes.length);
    buffer.fill(0);
  }
}

function memoryWriter(file: MemoryFile): FileWriter {
  return {
    get size() {
      return file.size;
    },
    write: async (chunk) => file.append(chunk),
    close: async () => undefined,
  };
}
