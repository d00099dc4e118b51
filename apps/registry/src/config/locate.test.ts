import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { locateFile } from './locate.ts';

let cwd: string;
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'berth-locate-'));
  for (const name of ['argument', 'variable', 'three', 'two']) writeFileSync(join(cwd, `${name}.yml`), name);
  mkdirSync(join(cwd, 'folder'));
});
afterAll(() => rmSync(cwd, { recursive: true }));

const variable = { REGISTRY_CONFIGURATION_PATH: 'variable.yml' };
const search = (...names: string[]) => names.map((name) => join(cwd, name));

test.each([
  {
    is: 'the argument wins',
    argument: 'argument.yml',
    env: variable,
    system: ['two.yml'],
    found: 'argument',
  },
  { is: 'then the variable', env: variable, system: ['two.yml'], found: 'variable' },
  { is: 'then the file of registry:3', env: {}, system: ['three.yml', 'two.yml'], found: 'three' },
  { is: 'then the file of registry:2', env: {}, system: ['absent.yml', 'two.yml'], found: 'two' },
  {
    is: 'a folder in the place of the file is passed over',
    env: {},
    system: ['folder', 'two.yml'],
    found: 'two',
  },
  {
    is: 'an empty variable is not set',
    env: { REGISTRY_CONFIGURATION_PATH: '' },
    system: [],
    found: undefined,
  },
  { is: 'nothing is there', env: {}, system: ['absent.yml'], found: undefined },
])('$is', ({ argument, env, system, found }) => {
  const file = locateFile({ ...(argument && { argument }), env, cwd, systemPaths: search(...system) });
  expect(file?.text).toBe(found);
});

test.each([
  { argument: 'absent.yml', env: {}, says: 'absent.yml cannot be read: there is no such file' },
  { argument: 'folder', env: {}, says: 'folder cannot be read: it is a folder' },
  {
    argument: '',
    env: { REGISTRY_CONFIGURATION_PATH: 'absent.yml' },
    says: 'REGISTRY_CONFIGURATION_PATH: absent.yml cannot be read: there is no such file',
  },
])('$says', ({ argument, env, says }) => {
  expect(() => locateFile({ argument, env, cwd, systemPaths: [] })).toThrow(says);
});
