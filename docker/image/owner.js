import { chownSync, mkdirSync, readdirSync, statSync } from 'node:fs';

/** Who Berth is in the image where the data folder does not say otherwise. */
const berth = { uid: 10_001, gid: 10_001 };

/**
 * Whose files Berth shall write: the owner of the data folder. A folder of root that holds nothing yet becomes Berth's own.
 * One that holds something is left as it is: it may be the volume of a registry that runs as root and may have to again.
 * @param {string | undefined} folder absent where the data is in memory
 * @returns {{ uid: number, gid: number }}
 */
export function takeOwner(folder) {
  if (folder === undefined) return berth;
  mkdirSync(folder, { recursive: true });
  const { uid, gid } = statSync(folder);
  if (uid !== 0) return { uid, gid };
  return isEmpty(folder) && take(folder) ? berth : { uid, gid };
}

/** A fresh file system has a folder of its own at its top. */
function isEmpty(folder) {
  return readdirSync(folder).every((name) => name === 'lost+found');
}

/** False where that is not allowed: on NFS, or in a container without CAP_CHOWN. */
function take(folder) {
  try {
    chownSync(folder, berth.uid, berth.gid);
    return true;
  } catch {
    return false;
  }
}
