import { readFileSync, readdirSync, existsSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../../..');

/** What a package may use of the others. `apps/registry` may use everything. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  '@berth/protocol': [],
  '@berth/storage': [],
  '@berth/storage-filesystem': ['@berth/storage'],
  '@berth/storage-s3': ['@berth/storage'],
  '@berth/database': [],
  '@berth/distribution': ['@berth/storage', '@berth/database', '@berth/protocol'],
  '@berth/token-server': ['@berth/database', '@berth/protocol'],
  '@berth/pull-through': ['@berth/distribution', '@berth/database', '@berth/protocol'],
};

/** What tests use beside it: a real driver rather than a mock, and the suite that every driver passes. */
const allowedInTests: Readonly<Record<string, readonly string[]>> = {
  '@berth/distribution': ['@berth/storage-filesystem'],
};

interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

interface Workspace {
  readonly folder: string;
  readonly manifest: Manifest;
}

interface Import {
  readonly file: string;
  readonly specifier: string;
  readonly inTest: boolean;
}

const packages = workspaces('packages');
const everything = [...packages, ...workspaces('apps')];

function workspaces(folder: string): Workspace[] {
  return readdirSync(join(root, folder))
    .map((name) => join(root, folder, name))
    .filter((path) => existsSync(join(path, 'package.json')))
    .map((path) => ({
      folder: path,
      manifest: JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')),
    }));
}

function sources(folder: string): string[] {
  const wanted = (name: string) => name === 'src' || name === 'test' || name === 'bin';
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => wanted(path.split(sep)[0]!) && /\.(ts|js)$/.test(path))
    .map((path) => join(folder, path));
}

/** Every module that a source file names: `import … from`, `export … from`, `import(…)`, `import '…'`. */
function specifiers(source: string): string[] {
  const statement = /(?:\bfrom\s*|\bimport\s*\(?\s*)(['"])([^'"\n]+)\1/g;
  return [...source.matchAll(statement)].map((match) => match[2]!);
}

function imports(workspace: Workspace): Import[] {
  return sources(workspace.folder).flatMap((path) =>
    specifiers(readFileSync(path, 'utf8')).map((specifier) => ({
      file: relative(root, path),
      specifier,
      inTest: /\.test\.ts$|[\\/]test(ing)?[\\/]/.test(path),
    })),
  );
}

/** `@berth/storage` of `@berth/storage/testing`; undefined for what is not ours. */
function packageOf(specifier: string): string | undefined {
  return /^@berth\/[^/]+/.exec(specifier)?.[0];
}

function mayUse(user: string, used: string, inTest: boolean): boolean {
  const also = inTest ? (allowedInTests[user] ?? []) : [];
  return used === user || [...(allowed[user] ?? []), ...also].includes(used);
}

describe('dependencies point one way', () => {
  test('there are packages to look at, and each has its row in the table', () => {
    const names = packages.map(({ manifest }) => manifest.name);
    expect(names).toContain('@berth/distribution');
    expect(names.filter((name) => !(name in allowed))).toEqual([]);
  });

  test.each(packages)('$manifest.name declares only what it may use', ({ manifest }) => {
    const declared = Object.keys(manifest.dependencies ?? {}).filter(packageOf);
    const declaredForTests = Object.keys(manifest.devDependencies ?? {}).filter(packageOf);
    expect(declared.filter((used) => !mayUse(manifest.name, used, false))).toEqual([]);
    expect(declaredForTests.filter((used) => !mayUse(manifest.name, used, true))).toEqual([]);
  });

  test.each(packages)('$manifest.name imports only what it may use', (workspace) => {
    const wrong = imports(workspace).filter(({ specifier, inTest }) => {
      const used = packageOf(specifier);
      return used !== undefined && !mayUse(workspace.manifest.name, used, inTest);
    });
    expect(wrong).toEqual([]);
  });

  test.each(everything)('$manifest.name reaches into no other package by a relative path', (workspace) => {
    const outside = imports(workspace).filter(({ file, specifier }) => {
      const target = resolve(root, file, '..', specifier);
      return specifier.startsWith('.') && !target.startsWith(workspace.folder + sep);
    });
    expect(outside).toEqual([]);
  });

  test('distribution and token-server never import each other', () => {
    const between = ['distribution', 'token-server'].map((name) =>
      packages.find(({ folder }) => folder.endsWith(sep + name))!,
    );
    const crossing = between.flatMap(imports).filter(({ file, specifier }) => {
      const other = file.startsWith(join('packages', 'distribution'))
        ? '@berth/token-server'
        : '@berth/distribution';
      return packageOf(specifier) === other;
    });
    expect(crossing).toEqual([]);
  });

  test('nothing but apps/registry/src/config reads the environment', () => {
    const config = join(root, 'apps', 'registry', 'src', 'config') + sep;
    const readers = everything
      .flatMap(({ folder }) => sources(folder).filter((path) => path.startsWith(join(folder, 'src') + sep)))
      .filter((path) => !path.startsWith(config) && !path.endsWith('.test.ts'))
      .filter((path) =>
        /\bprocess\s*\.\s*env\b|\benv\b[^\n]*\bfrom 'node:process'/.test(readFileSync(path, 'utf8')),
      );
    expect(readers.map((path) => relative(root, path))).toEqual([]);
  });
});

describe('the reading of imports', () => {
  test.each([
    [`import { a } from '@berth/storage';`, ['@berth/storage']],
    [`import type { A } from "./a.ts";`, ['./a.ts']],
    [`import {\n  a,\n  b,\n} from '@berth/protocol/http';`, ['@berth/protocol/http']],
    [`export * from './b.ts';`, ['./b.ts']],
    [`const c = await import('@berth/token-server');`, ['@berth/token-server']],
    [`import './side-effect.ts';`, ['./side-effect.ts']],
    [`const text = 'nothing';`, []],
  ])('%j names %j', (source, names) => {
    expect(specifiers(source)).toEqual(names);
  });
});
