import { DatabaseError } from '@berth/database';
import { StorageError } from '@berth/storage';
import { dataFolderOf, type Configuration } from './config/index.ts';

/** Why Berth did not start, in one line for the person who started it. What is not known here stays as it is. */
export function explainStartFailure(error: unknown, { http, storage }: Configuration): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const { host, port } = http.address;
  const folder = dataFolderOf(storage.driver) ?? 'memory';
  const explained = (message: string) => new Error(message, { cause: error });
  switch (code) {
    case 'EADDRINUSE':
      return explained(`port ${port} is in use: stop what uses it, or set REGISTRY_HTTP_ADDR=:5001`);
    case 'EADDRNOTAVAIL':
      return explained(`${host} is no address of this machine (http.addr)`);
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    case 'ENOENT':
    case 'ENOTDIR':
    case 'EEXIST':
      return explained(
        isListening(error)
          ? `port ${port} needs more rights than this user has: choose one above 1023`
          : `the data folder ${folder} cannot be written (${code})`,
      );
    case 'ENOSPC':
      return explained(`no space is left for the data folder ${folder}`);
    default:
      if (error instanceof StorageError && storage.driver.kind === 's3') {
        return explained(`the storage in S3 cannot be used: ${error.message}`);
      }
      return error instanceof DatabaseError || error instanceof StorageError
        ? explained(`the data folder ${folder} cannot be used: ${error.message}`)
        : error;
  }
}

function isListening(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && error.syscall === 'listen';
}
