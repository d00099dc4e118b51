import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createPasswordMemory } from './password-memory.ts';

test('a right password is remembered, with what was stored for it', () => {
  const memory = createPasswordMemory();
  memory.add('hash one', 'secret');
  expect(memory.has('hash one', 'secret')).toBe(true);
  expect(memory.has('hash one', 'Secret')).toBe(false);
  expect(memory.has('hash two', 'secret')).toBe(false);
});

test('it is forgotten after its time', async () => {
  const memory = createPasswordMemory({ duration: 5 });
  memory.add('hash', 'secret');
  await sleep(30);
  expect(memory.has('hash', 'secret')).toBe(false);
});
