import { f } from './row.table.ts';
import type { Row } from './row.table.ts';

const list = 'validation.manifests.indexes.platformlist';
const linux = { os: 'linux', architecture: 'amd64' };
const indexes = (...keys: string[]) => f('validation:', '  manifests:', '    indexes:', ...keys);
const platforms = (...entries: string[]) =>
  indexes('      platforms: list', '      platformlist:', ...entries);

export const validation: Row[] = [
  { is: 'nothing may be missing', gives: { validation: { layers: 'all', children: 'all' } } },
  {
    is: 'children may be missing',
    file: indexes('      platforms: none'),
    gives: { validation: { layers: 'all', children: 'none' } },
  },
  {
    is: 'children of other platforms may be missing',
    file: platforms(
      '        - {os: linux, architecture: amd64}',
      '        - os: linux',
      '          architecture: arm64',
    ),
    gives: { validation: { layers: 'all', children: [linux, { os: 'linux', architecture: 'arm64' }] } },
  },
  {
    is: 'a platform by variables',
    env: {
      REGISTRY_VALIDATION_MANIFESTS_INDEXES_PLATFORMS: 'list',
      REGISTRY_VALIDATION_MANIFESTS_INDEXES_PLATFORMLIST_0_OS: 'linux',
      REGISTRY_VALIDATION_MANIFESTS_INDEXES_PLATFORMLIST_0_ARCHITECTURE: 'amd64',
    },
    gives: { validation: { children: [linux] } },
  },
  {
    is: 'platforms as one variable',
    env: {
      REGISTRY_VALIDATION_MANIFESTS_INDEXES:
        '{platforms: list, platformlist: [{os: linux, architecture: amd64}]}',
    },
    gives: { validation: { children: [linux] } },
  },
  {
    is: 'a list without platforms asks for all children, as in the original',
    file: indexes('      platforms: list'),
    gives: { validation: { children: 'all' } },
  },
  {
    is: 'platforms without platforms: list',
    file: indexes('      platformlist: [{os: linux, architecture: amd64}]'),
    gives: { validation: { children: 'all' } },
  },
  {
    is: 'a platform without architecture',
    file: platforms('        - os: linux'),
    errors: [`config.yml:7: ${list}.0.architecture is missing`],
  },
  {
    is: 'a platform with a key that the original passes over',
    file: platforms('        - {os: linux, architecture: amd64, variant: v8}'),
    gives: { validation: { children: [linux] } },
    warnings: [`config.yml:7: ${list}.0.variant is not a known key and has no effect`],
  },
  {
    is: 'a platform that is no section',
    file: platforms('        - linux/amd64'),
    errors: [`config.yml:7: ${list}.0 must be a section of keys`],
  },
  {
    is: 'platforms that are no list',
    file: indexes('      platformlist: {os: linux, architecture: amd64}'),
    errors: [`config.yml:5: ${list} must be a list of {os, architecture}`],
  },
  {
    is: 'platforms that are none of the three',
    file: indexes('      platforms: some'),
    errors: ['config.yml:5: validation.manifests.indexes.platforms must be all, none or list, not "some"'],
  },
  {
    is: 'layers may be missing',
    file: f('validation: {manifests: {layers: none}}'),
    gives: { validation: { layers: 'none', children: 'all' } },
  },
  {
    is: 'a misspelt key of our own',
    file: f('validation: {manifests: {layer: none}}'),
    errors: [
      'config.yml:2: validation.manifests.layer is not a known key; did you mean validation.manifests.layers?',
    ],
  },
  {
    is: 'disabled: children may be missing, layers may not',
    file: f('validation: {disabled: true, manifests: {indexes: {platforms: all}}}'),
    gives: { validation: { layers: 'all', children: 'none' } },
  },
  {
    is: 'the old enabled wins over disabled',
    file: f('validation: {enabled: true, disabled: true}'),
    gives: { validation: { children: 'all' } },
  },
  {
    is: 'the old enabled: false alone means nothing',
    file: f('validation: {enabled: false}'),
    gives: { validation: { children: 'all' } },
  },
];
