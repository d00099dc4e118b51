import { expect, test } from 'vitest';
import { createBounded } from './bounded.ts';

/** Work that lasts until it is let go, and a count of how much runs. */
function controlled() {
  const running: (() => void)[] = [];
  let most = 0;
  const work = async () => {
    most = Math.max(most, running.length + 1);
    await new Promise<void>((resolve) => void running.push(resolve));
  };
  return { work, running, most: () => most };
}

const settle = () => new Promise<void>((resolve) => void setImmediate(resolve));

test('two run at once, the others in their order', async () => {
  const bounded = createBounded({ atOnce: 2, waiting: 10 });
  const { work, running, most } = controlled();
  const ended: number[] = [];
  const all = [0, 1, 2, 3, 4].map((id) => bounded(work).then(() => ended.push(id)));
  for (let left = 5; left > 0; left -= 1) {
    await settle();
    expect(running.length).toBe(Math.min(left, 2));
    running.shift()?.();
  }
  await Promise.all(all);
  expect(ended).toEqual([0, 1, 2, 3, 4]);
  expect(most()).toBe(2);
});

test('more than may wait are told to come back', async () => {
  const bounded = createBounded({ atOnce: 1, waiting: 1 });
  const { work, running } = controlled();
  const first = bounded(work);
  const second = bounded(work);
  await expect(bounded(work)).rejects.toMatchObject({
    code: 'TOOMANYREQUESTS',
    headers: { 'Retry-After': '2' },
  });
  await settle();
  running.shift()?.();
  await first;
  await settle();
  running.shift()?.();
  await second;
});

test('a failure leaves its place', async () => {
  const bounded = createBounded({ atOnce: 1, waiting: 1 });
  await expect(bounded(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  await expect(bounded(async () => 'yes')).resolves.toBe('yes');
});
