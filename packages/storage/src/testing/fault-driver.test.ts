import { describe, expect, test } from 'vitest';

import { memoryDriver } from '../memory-driver.ts';
import { faultDriver } from './fault-driver.ts';
import type { FaultMember } from './faults.ts';
import { describeStorageDriver, listFiles, readFile, writeFile } from './index.ts';
import { expectCode } from './suite.ts';

describeStorageDriver('faultDriver without faults', () => {
  return { driver: faultDriver(memoryDriver()).driver, keepsInMemory: true };
});

describe('faultDriver', () => {
  const calls: {
    [member in Exclude<FaultMember, 'signedUrl' | 'sweep'>]: (
      driver: ReturnType<typeof memoryDriver>,
    ) => Promise<unknown>;
  } = {
    stat: (driver) => driver.stat('file'),
    read: (driver) => readFile(driver, 'file'),
    append: (driver) => driver.append('file'),
    move: (driver) => driver.move('file', 'to'),
    delete: (driver) => driver.delete('file'),
    list: (driver) => listFiles(driver, ''),
    write: async (driver) => (await driver.append('file')).write(Buffer.from('more')),
    close: async (driver) => (await driver.append('file')).close(),
  };

  test.for(Object.entries(calls))(
    'fails the next %s once, and nothing else happens',
    async ([member, call]) => {
      const { driver, faults } = faultDriver(memoryDriver());
      await writeFile(driver, 'file', Buffer.from('content'));
      faults.failNext(member as FaultMember, 'NO_SPACE');
      await expectCode(call(driver), 'NO_SPACE');
      expect(faults.pending).toBe(0);
      expect((await readFile(driver, 'file')).toString()).toBe('content');
      await call(driver);
    },
  );

  test('fails the nth call on a path', async () => {
    const { driver, faults } = faultDriver(memoryDriver());
    faults.failNth(2, 'stat', 'IO_ERROR', /data$/);
    await driver.stat('a/data');
    await driver.stat('a/other');
    expect(faults.pending).toBe(1);
    await expectCode(driver.stat('b/data'), 'IO_ERROR');
    await driver.stat('b/data');
  });

  test('fails always, until it is cleared', async () => {
    const { driver, faults } = faultDriver(memoryDriver());
    faults.failAlways('stat', 'ACCESS_DENIED', 'a');
    await expectCode(driver.stat('a'), 'ACCESS_DENIED');
    await expectCode(driver.stat('a'), 'ACCESS_DENIED');
    await driver.stat('b');
    faults.clear();
    await driver.stat('a');
  });

  test('a cut write stores its beginning, and the writer is of no use afterwards', async () => {
    const { driver, faults } = faultDriver(memoryDriver());
    faults.cutNext('write', 3, 'NO_SPACE');
    const writer = await driver.append('file');
    await expectCode(writer.write(Buffer.from('abcdef')), 'NO_SPACE');
    await expectCode(writer.write(Buffer.from('ghi')), 'NO_SPACE');
    await expectCode(writer.close({ sync: true }), 'NO_SPACE');
    expect((await readFile(driver, 'file')).toString()).toBe('abc');
  });

  test('a cut read gives its beginning', async () => {
    const { driver, faults } = faultDriver(memoryDriver());
    await writeFile(driver, 'file', Buffer.alloc(100_000, 'x'));
    faults.cutNext('read', 70_000, 'IO_ERROR');
    let read = 0;
    const reading = async () => {
      for await (const chunk of driver.read('file')) read += chunk.length;
    };
    await expectCode(reading(), 'IO_ERROR');
    expect(read).toBe(70_000);
  });

  test('a failed sync removes the file', async () => {
    const { driver, faults } = faultDriver(memoryDriver());
    faults.failNext('close', 'IO_ERROR');
    await expectCode(writeFile(driver, 'file', Buffer.from('lost')), 'IO_ERROR');
    expect(await driver.stat('file')).toBeNull();
  });

  test('a delay ends with the signal', async () => {
    const { driver, faults } = faultDriver(memoryDriver());
    const reason = new Error('the client went away');
    const controller = new AbortController();
    faults.delay('stat', 60_000);
    const answer = driver.stat('file', controller);
    controller.abort(reason);
    await expect(answer).rejects.toBe(reason);
  });

  test('a delay lets other calls pass by', async () => {
    const { driver, faults } = faultDriver(memoryDriver());
    const order: string[] = [];
    faults.delay('stat', 20, 'slow');
    const slow = driver.stat('slow').then(() => order.push('slow'));
    const quick = driver.stat('quick').then(() => order.push('quick'));
    await Promise.all([slow, quick]);
    expect(order).toEqual(['quick', 'slow']);
  });
});
