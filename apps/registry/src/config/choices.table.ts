import { builtin, f, inVarLib, unsupported } from './row.table.ts';
import type { Row } from './row.table.ts';

export const choices: Row[] = [
  {
    is: 'the driver by its bare name',
    file: f('storage: inmemory'),
    gives: { storage: { driver: { kind: 'inmemory' } } },
  },
  {
    is: 'a driver without parameters',
    file: f('storage:', '  inmemory:'),
    gives: { storage: { driver: { kind: 'inmemory' } } },
  },
  {
    is: 'the filesystem without folder, as the original',
    file: f('storage: filesystem'),
    gives: { storage: { driver: inVarLib } },
  },
  {
    is: 'two drivers',
    file: f('storage:', '  filesystem:', '  inmemory:'),
    errors: [
      'config.yml:2: storage must name one of filesystem, inmemory, not several; REGISTRY_STORAGE=<one> replaces the whole section',
    ],
  },
  {
    is: 'a driver that is not there',
    file: f('storage:', '  gcs: {bucket: b}'),
    errors: [`config.yml:3: storage.gcs ${unsupported}`],
  },
  {
    is: 'a driver that nobody knows',
    file: f('storage:', '  filesytem: {rootdirectory: /x}'),
    errors: ['config.yml:3: storage.filesytem is not a known key; did you mean storage.filesystem?'],
  },
  {
    is: 'auth: none',
    file: f('auth: none'),
    gives: { auth: { kind: 'none' }, storage: { delete: { enabled: false } } },
    notices: 0,
  },
  { is: 'none as a key', file: f('auth:', '  none:'), gives: { auth: { kind: 'none' } }, notices: 0 },
  { is: 'builtin as a key', file: f('auth:', '  builtin:'), gives: { auth: builtin }, notices: 0 },
  {
    is: 'other registries that Berth makes tokens for',
    file: f('auth:', '  builtin:', '    services: [{name: one}, {name: two, keys: jwks}]'),
    gives: {
      auth: {
        ...builtin,
        services: [
          { name: 'one', keys: 'rootcertbundle' },
          { name: 'two', keys: 'jwks' },
        ],
      },
    },
  },
  {
    is: 'another registry by variables',
    env: { REGISTRY_AUTH_BUILTIN_SERVICES_0_NAME: 'one', REGISTRY_AUTH_BUILTIN_SERVICES_0_KEYS: 'jwks' },
    gives: { auth: { ...builtin, services: [{ name: 'one', keys: 'jwks' }] } },
  },
  {
    is: 'another registry without a name',
    file: f('auth: {builtin: {services: [{keys: jwks}]}}'),
    errors: ['config.yml:2: auth.builtin.services.0.name is missing'],
  },
  {
    is: 'another registry with keys from elsewhere',
    file: f('auth: {builtin: {services: [{name: one, keys: pem}]}}'),
    errors: ['config.yml:2: auth.builtin.services.0.keys must be rootcertbundle or jwks, not "pem"'],
  },
  {
    is: 'another registry with an unknown key',
    file: f('auth: {builtin: {services: [{name: one, kyes: jwks}]}}'),
    errors: [
      'config.yml:2: auth.builtin.services.0.kyes is not a known key; did you mean auth.builtin.services.0.keys?',
    ],
  },
  {
    is: 'deleting switched off with builtin',
    file: f('storage: {delete: {enabled: false}}', 'auth: builtin'),
    gives: { storage: { delete: { enabled: false } } },
  },
  {
    is: 'two kinds of auth',
    file: f('auth: {none: , builtin: }'),
    errors: [
      'config.yml:2: auth must name one of none, builtin, not several; REGISTRY_AUTH=<one> replaces the whole section',
    ],
  },
  {
    is: 'htpasswd',
    file: f('auth:', '  htpasswd:', '    realm: r', '    path: /p'),
    errors: [`config.yml:3: auth.htpasswd ${unsupported}`],
  },
  {
    is: 'a kind of auth that nobody knows',
    file: f('auth: ldap'),
    errors: ['config.yml:2: auth.ldap is not a known key; auth has builtin, none, htpasswd, token, silly'],
  },
];
