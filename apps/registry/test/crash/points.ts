import type { Database } from '@berth/database';
import type { DistributionTables } from '@berth/distribution';
import { checkedDriver, type FileWriter, type StorageDriver } from '@berth/storage';

/** Told of each step that changes something, when it is done: between two of them nothing is. */
export type Reach = (point: string) => void;

/** Every step of a driver that changes what is stored, by the name of the step and the kind of file. */
export function watchedDriver(inner: StorageDriver, reach: Reach): StorageDriver {
  const around = async <Result>(step: string, path: string, work: () => Promise<Result>) => {
    const name = `${step} ${path.startsWith('berth/uploads') ? 'upload' : 'blob'}`;
    const result = await work();
    reach(name);
    return result;
  };
  const watchedWriter = (writer: FileWriter, path: string): FileWriter => ({
    get size() {
      return writer.size;
    },
    write: (chunk) => around('write', path, () => writer.write(chunk)),
    close: (options) => around(options?.sync ? 'sync' : 'close', path, () => writer.close(options)),
  });
  return checkedDriver({
    ...inner,
    append: (path, options) =>
      around('append', path, async () => watchedWriter(await inner.append(path, options), path)),
    move: (from, to, options) => around('move', from, () => inner.move(from, to, options)),
    delete: (path, options) => around('delete', path, () => inner.delete(path, options)),
  });
}

/** Every commit. */
export function watchedDatabase(
  database: Database<DistributionTables>,
  reach: Reach,
): Database<DistributionTables> {
  const transaction: typeof database.transaction = async (work, options) => {
    const result = await database.transaction(work, options);
    reach('commit');
    return result;
  };
  return new Proxy(database, {
    get(target, member) {
      if (member === 'transaction') return transaction;
      const value: unknown = Reflect.get(target, member);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
