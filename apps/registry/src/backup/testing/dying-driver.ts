import { StorageError, type FileWriter, type StorageDriver } from '@berth/storage';

/** A driver whose process is killed: from its `nth` call on nothing happens any more, cleaning up neither. */
export function dying(driver: StorageDriver, nth: number): StorageDriver {
  let calls = 0;
  const live = () => {
    calls += 1;
    if (calls >= nth) throw new StorageError('IO_ERROR', 'killed');
  };
  const writerOf = (writer: FileWriter): FileWriter => ({
    get size() {
      return writer.size;
    },
    async write(chunk) {
      live();
      await writer.write(chunk);
    },
    async close(options) {
      // The kernel closes the files of whoever is killed.
      if (calls >= nth - 1) await writer.close();
      live();
      await writer.close(options);
    },
  });
  return {
    async stat(path, options) {
      live();
      return driver.stat(path, options);
    },
    async *read(path, options) {
      live();
      yield* driver.read(path, options);
    },
    async append(path, options) {
      live();
      return writerOf(await driver.append(path, options));
    },
    async move(from, to, options) {
      live();
      await driver.move(from, to, options);
    },
    async delete(path, options) {
      live();
      await driver.delete(path, options);
    },
    async *list(prefix, options) {
      live();
      yield* driver.list(prefix, options);
    },
  };
}
