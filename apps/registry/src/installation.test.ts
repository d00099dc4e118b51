import { expect, test } from 'vitest';
import { commandWith } from './installation.ts';

test.each([
  [undefined, 'pnpm berth'],
  ['config/berth.yml', 'pnpm berth --config config/berth.yml'],
  ['/srv/my registry/it’s.yml', "pnpm berth --config '/srv/my registry/it’s.yml'"],
  ["it's.yml", String.raw`pnpm berth --config 'it'\''s.yml'`],
])('with the file %s one types %s', (file, command) => {
  expect(commandWith(file)).toBe(command);
});
