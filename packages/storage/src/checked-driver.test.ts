import { describe, expect, test } from 'vitest';

import { checkedDriver } from './checked-driver.ts';
import type { StorageDriver } from './driver.ts';
import { StorageError } from './errors.ts';
import { memoryDriver } from './memory-driver.ts';
import { listFiles, readFile } from './testing/index.ts';

const native = Object.assign(new Error('disk on fire'), { code: 'EFIRE' });

/** A driver of which nothing works, in the manner of a native library. */
function brokenDriver(error: unknown): StorageDriver {
  const fail = async () => {
    throw error;
  };
  const failWhileIterating = (): AsyncIterable<never> => ({ [Symbol.asyncIterator]: () => ({ next: fail }) });
  const writer = { size: 0, write: fail, close: fail };
  return {
    stat: fail,
    read: failWhileIterating,
    append: async () => writer,
    move: fail,
    delete: fail,
    list: failWhileIterating,
  };
}

const calls: [string, (driver: StorageDriver) => Promise<unknown>][] = [
  ['stat', (driver) => driver.stat('a/file')],
  ['read', (driver) => readFile(driver, 'a/file')],
  ['move', (driver) => driver.move('a/file', 'to')],
  ['delete', (driver) => driver.delete('a/file')],
  ['list', (driver) => listFiles(driver, 'a/file')],
  ['write', async (driver) => (await driver.append('a/file')).write(Buffer.from('x'))],
  ['close', async (driver) => (await driver.append('a/file')).close()],
];

describe('foreign errors', () => {
  test.for(calls)('of %s become IO_ERROR with the cause', async ([member, call]) => {
    await expect(call(checkedDriver(brokenDriver(native)))).rejects.toMatchObject({
      name: 'StorageError',
      code: 'IO_ERROR',
      message: `${member} "a/file": disk on fire`,
      cause: native,
    });
  });

  test.for(calls)('of %s have the code that the driver knows for them', async ([, call]) => {
    const driver = checkedDriver(brokenDriver(native), (error) =>
      error === native ? 'NO_SPACE' : undefined,
    );
    await expect(call(driver)).rejects.toMatchObject({ code: 'NO_SPACE', cause: native });
  });

  test('what is no error at all is wrapped too', async () => {
    await expect(checkedDriver(brokenDriver('text')).stat('file')).rejects.toMatchObject({
      code: 'IO_ERROR',
      cause: 'text',
    });
  });

  test('a StorageError stays what it is', async () => {
    const error = new StorageError('ACCESS_DENIED', 'no');
    await expect(checkedDriver(brokenDriver(error)).stat('file')).rejects.toBe(error);
  });
});

describe('a signal that is aborted during a call', () => {
  const stopWith = (thrown: unknown, controller: AbortController, reason: unknown) => {
    return checkedDriver({
      ...memoryDriver(),
      stat: async () => {
        controller.abort(reason);
        throw thrown;
      },
    });
  };

  test('makes an AbortError the reason of the signal', async () => {
    const controller = new AbortController();
    const reason = new Error('the client went away');
    const driver = stopWith(new DOMException('aborted', 'AbortError'), controller, reason);
    await expect(driver.stat('file', controller)).rejects.toBe(reason);
  });

  test('does not hide what really went wrong', async () => {
    const controller = new AbortController();
    const driver = stopWith(native, controller, new Error('the client went away'));
    await expect(driver.stat('file', controller)).rejects.toMatchObject({ code: 'IO_ERROR', cause: native });
  });
});

test('after a failed write nothing more reaches the driver, and close releases it', async () => {
  const log: string[] = [];
  const driver = checkedDriver({
    ...memoryDriver(),
    append: async () => ({
      size: 0,
      write: async () => {
        log.push('write');
        throw native;
      },
      close: async (options) => {
        log.push(options?.sync ? 'close with sync' : 'close');
      },
    }),
  });
  const writer = await driver.append('file');
  await expect(writer.write(Buffer.from('1'))).rejects.toMatchObject({ cause: native });
  await expect(writer.write(Buffer.from('2'))).rejects.toMatchObject({ cause: native });
  await expect(writer.close({ sync: true })).rejects.toMatchObject({ cause: native });
  expect(log).toEqual(['write', 'close']);
});

test("a broken read closes the driver's own iterator", async () => {
  let closed = false;
  const driver = checkedDriver({
    ...memoryDriver(),
    async *read() {
      try {
        yield Buffer.from('1');
        yield Buffer.from('2');
      } finally {
        closed = true;
      }
    },
  });
  for await (const _ of driver.read('file')) break;
  expect(closed).toBe(true);
});
