import type { StorageDriver } from '@berth/storage';

/** The driver, and the paths of files that were written through it and not synced: a power cut takes them. */
export function watchSyncs(storage: StorageDriver): { storage: StorageDriver; unsynced: Set<string> } {
  const unsynced = new Set<string>();
  const append: StorageDriver['append'] = async (path, options) => {
    const writer = await storage.append(path, options);
    unsynced.add(path);
    return {
      get size() {
        return writer.size;
      },
      write: (chunk) => writer.write(chunk),
      async close(how) {
        await writer.close(how);
        if (how?.sync) unsynced.delete(path);
      },
    };
  };
  return { storage: { ...storage, append }, unsynced };
}
