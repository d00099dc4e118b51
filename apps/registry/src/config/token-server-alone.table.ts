import { builtin, f } from './row.table.ts';
import type { Row } from './row.table.ts';

const services = [{ name: 'r.example.com', keys: 'rootcertbundle' }];
const withServices = 'auth: {builtin: {services: [{name: r.example.com}]}}';
const alone = { storage: { driver: { kind: 'none' } }, auth: { ...builtin, services } };
const forNobody =
  'storage: none makes Berth a token server alone, and without auth.builtin.services it would make tokens for nobody: ' +
  'name the registries, such as [{name: registry.example.com}]';
const needsBuiltin = 'does not go with storage: none: a token server needs auth.builtin';

export const tokenServerAlone: Row[] = [
  { is: 'no storage', file: f('storage: none', withServices), gives: alone, notices: 0 },
  { is: 'no storage as a key', file: f('storage:', '  none:', withServices), gives: alone },
  {
    is: 'no storage by variables',
    env: { REGISTRY_STORAGE: 'none', REGISTRY_AUTH_BUILTIN_SERVICES_0_NAME: 'r.example.com' },
    gives: alone,
  },
  {
    is: 'no storage by a variable in the place of what the file says',
    file: f('storage:', '  filesystem:', '  delete: {enabled: true}', withServices),
    env: { REGISTRY_STORAGE: 'none' },
    gives: alone,
  },
  {
    is: 'a file that forgot storage has the one of before',
    file: f(withServices),
    gives: { storage: { driver: { kind: 'filesystem' } } },
  },
  {
    is: 'a storage section with nothing in it as well',
    file: f('storage:', withServices),
    gives: { storage: { driver: { kind: 'filesystem' } } },
  },
  {
    is: 'no storage and a driver',
    file: f('storage:', '  none:', '  inmemory:', withServices),
    errors: [
      'config.yml:2: storage must name one of none, inmemory, not several; REGISTRY_STORAGE=<one> replaces the whole section',
    ],
  },
  {
    is: 'no storage with a key',
    file: f('storage: {none: {rootdirectory: /x}}', withServices),
    errors: [
      'config.yml:2: storage.none.rootdirectory is in the wrong place; it belongs under storage.filesystem or storage.s3',
    ],
  },
  {
    is: 'no storage and settings of one',
    file: f(
      'storage:',
      '  none:',
      '  delete: {enabled: true}',
      '  maintenance:',
      '    uploadpurging: {age: 1h}',
      withServices,
    ),
    gives: alone,
    warnings: [
      'config.yml:4: storage.delete has no effect with storage: none',
      'config.yml:5: storage.maintenance has no effect with storage: none',
    ],
  },
  {
    is: 'no storage and no auth',
    file: f('storage: none'),
    errors: [`config.yml:2: ${forNobody}`],
  },
  {
    is: 'no storage and no auth by a variable',
    env: { REGISTRY_STORAGE: 'none' },
    errors: [`REGISTRY_STORAGE: ${forNobody}`],
  },
  {
    is: 'no storage and no registry that tokens are for',
    file: f('storage: none', 'auth: {builtin: {services: []}}'),
    errors: [`config.yml:3: ${forNobody}`],
  },
  {
    is: 'no storage with auth: none',
    file: f('storage: none', 'auth: none'),
    errors: [`config.yml:3: auth: none ${needsBuiltin}`],
  },
  {
    is: 'no storage with auth: token',
    file: f('storage: none', 'auth:', '  token: {realm: "https://a/token", service: r, issuer: a, jwks: /j}'),
    errors: [`config.yml:4: auth: token ${needsBuiltin}`],
  },
];
