import {
  adoptsInPlace,
  canSweep,
  hasSignedUrls,
  LONGEST_SIGNED_URL,
  type SignedUrlOptions,
} from './capabilities.ts';
import { CheckedWriter } from './checked-writer.ts';
import type { StorageDriver, StorageOptions } from './driver.ts';
import { outwardError, type Call, type NativeCode } from './foreign-errors.ts';
import { checkPath } from './paths.ts';
import { checkRange } from './ranges.ts';

/**
 * The driver with everything checked that is the same for all drivers, so that one only does I/O:
 * paths and ranges, use of writers, aborted signals before each call and between chunks. An error that is no
 * {@link StorageError} becomes one, with the code that `nativeCode` knows for it or `IO_ERROR`. What else the driver can do
 * (`capabilities.ts`), this one can too.
 */
export function checkedDriver(
  driver: StorageDriver,
  nativeCode: NativeCode = () => undefined,
): StorageDriver {
  const describe: Describe = (member, path, options) => {
    return { member, path, signal: options?.signal, nativeCode };
  };
  return {
    ...checkedCapabilities(driver, describe),
    stat: (path, options) => once(describe('stat', path, options), () => driver.stat(path, options)),
    delete: (path, options) => once(describe('delete', path, options), () => driver.delete(path, options)),

    read: (path, options = {}) =>
      each(describe('read', path, options), () => {
        checkPath(path);
        checkRange(options);
        return driver.read(path, options);
      }),

    append: (path, options) => {
      const call = describe('append', path, options);
      return once(call, async () => new CheckedWriter(await driver.append(path, options), call));
    },

    move: (from, to, options) =>
      once(describe('move', from, options), () => {
        checkPath(to);
        return driver.move(from, to, options);
      }),

    list: (prefix, options) =>
      each(describe('list', prefix, options), () => {
        if (prefix !== '') checkPath(prefix);
        return driver.list(prefix, options);
      }),
  };
}

type Describe = (member: string, path: string, options?: StorageOptions) => Call;

function checkedCapabilities(driver: StorageDriver, describe: Describe) {
  return {
    ...(adoptsInPlace(driver) && { adoptInPlace: true as const }),

    ...(hasSignedUrls(driver) && {
      signedUrl: (path: string, options: SignedUrlOptions) => {
        const expiresIn = Math.min(options.expiresIn, LONGEST_SIGNED_URL);
        const call = describe('signedUrl', path, options);
        return once(call, () => driver.signedUrl(path, { ...options, expiresIn }));
      },
    }),

    ...(canSweep(driver) && {
      sweep: (prefix: string, before: Date, options?: StorageOptions) => {
        const call = describe('sweep', prefix, options);
        return onceBelow(call, () => driver.sweep(prefix, before, options));
      },
    }),
  };
}

async function once<T>(call: Call, run: () => Promise<T>): Promise<T> {
  checkPath(call.path);
  return onceBelow(call, run);
}

/** As {@link once}, where `''` is a path too: the folder of everything. */
async function onceBelow<T>(call: Call, run: () => Promise<T>): Promise<T> {
  if (call.path !== '') checkPath(call.path);
  call.signal?.throwIfAborted();
  try {
    return await run();
  } catch (error) {
    throw outwardError(error, call);
  }
}

async function* each<T>(call: Call, open: () => AsyncIterable<T>): AsyncGenerator<T> {
  call.signal?.throwIfAborted();
  try {
    for await (const item of open()) {
      yield item;
      call.signal?.throwIfAborted();
    }
  } catch (error) {
    throw outwardError(error, call);
  }
}
