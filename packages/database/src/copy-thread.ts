/** The program of the thread that `copy.ts` starts. */
import { workerData } from 'node:worker_threads';
import BetterSqlite3 from 'better-sqlite3';
import type { CopyOrder } from './copy.ts';

const { source, file } = workerData as CopyOrder;
const connection = new BetterSqlite3(source, { readonly: true, timeout: 10_000 });
try {
  connection.prepare('VACUUM INTO ?').run(file);
} finally {
  connection.close();
}
