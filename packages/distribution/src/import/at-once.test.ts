import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { atOnce } from './at-once.ts';

test('does so many at a time and answers in order', async () => {
  let running = 0;
  let most = 0;
  const answers = await atOnce([5, 1, 4, 2, 3], 2, async (pause) => {
    most = Math.max(most, ++running);
    await sleep(pause);
    running -= 1;
    return pause * 10;
  });
  expect(answers).toEqual([50, 10, 40, 20, 30]);
  expect(most).toBe(2);
});

test('begins nothing after a failure, and waits for what had begun', async () => {
  const begun: number[] = [];
  const ended: number[] = [];
  const work = async (item: number) => {
    begun.push(item);
    await sleep(item === 1 ? 1 : 10);
    ended.push(item);
    if (item === 1) throw new Error('one');
  };
  await expect(atOnce([1, 2, 3, 4], 2, work)).rejects.toThrow('one');
  expect(begun).toEqual([1, 2]);
  expect(ended).toEqual([1, 2]);
});

test('does nothing with nothing', async () => {
  expect(await atOnce([], 4, async () => 1)).toEqual([]);
});
