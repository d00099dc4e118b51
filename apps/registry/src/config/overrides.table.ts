import { builtin, f, noEffect, unsupported } from './row.table.ts';
import type { Row } from './row.table.ts';

export const variables: Row[] = [
  {
    is: 'a variable over the file',
    file: f('log: {level: info}'),
    env: { REGISTRY_LOG_LEVEL: 'debug' },
    gives: { log: { level: 'debug' } },
  },
  {
    is: 'parents before children, whatever their order',
    env: { REGISTRY_STORAGE_DELETE_ENABLED: 'false', REGISTRY_STORAGE: 'inmemory' },
    gives: { storage: { driver: { kind: 'inmemory' }, delete: { enabled: false } } },
  },
  {
    is: 'an unknown name',
    file: f('http: {addr: ":1"}'),
    env: { REGISTRY_HTTP_ADRESS: ':2' },
    gives: { http: { address: { port: 1 } } },
    warnings: [
      'REGISTRY_HTTP_ADRESS: http.adress is not a known key and has no effect; did you mean http.addr?',
    ],
  },
  {
    is: 'an unknown name at the top, with a value that is no YAML',
    env: { REGISTRY_XYZZY_SECRET: '*{' },
    warnings: ['REGISTRY_XYZZY_SECRET: xyzzy is not a known key and has no effect'],
  },
  {
    is: 'what Kubernetes sets for a Service',
    env: {
      REGISTRY_SERVICE_HOST: '10.0.0.1',
      REGISTRY_SERVICE_PORT: '5000',
      REGISTRY_PORT: 'tcp://10.0.0.1:5000',
      REGISTRY_PORT_5000_TCP_ADDR: '10.0.0.1',
      REGISTRY_AUTH_SERVICE_HOST: 'h',
      REGISTRY_AUTH_PORT: 'tcp://h',
    },
  },
  {
    is: 'a section as YAML replaces the whole',
    file: f('http: {addr: ":1", secret: s}'),
    env: { REGISTRY_HTTP: '{addr: ":2"}' },
    gives: { http: { address: { port: 2 } } },
  },
  {
    is: 'a list as YAML',
    env: { REGISTRY_HTTP_TRUSTEDPROXIES: '[10.0.0.0/8]' },
    gives: { http: { trustedProxies: ['10.0.0.0/8'] } },
  },
  {
    is: 'entries of a list',
    env: { REGISTRY_HTTP_TRUSTEDPROXIES_0: '10.0.0.0/8', REGISTRY_HTTP_TRUSTEDPROXIES_1: '::1' },
    gives: { http: { trustedProxies: ['10.0.0.0/8', '::1/128'] } },
  },
  {
    is: 'an entry replaced',
    file: f('http: {trustedproxies: [10.0.0.0/8, 11.0.0.0/8]}'),
    env: { REGISTRY_HTTP_TRUSTEDPROXIES_1: '12.0.0.0/8' },
    gives: { http: { trustedProxies: ['10.0.0.0/8', '12.0.0.0/8'] } },
  },
  {
    is: 'an entry beyond the next',
    env: { REGISTRY_HTTP_TRUSTEDPROXIES_1: '::1' },
    errors: ['REGISTRY_HTTP_TRUSTEDPROXIES_1: http.trustedproxies has 0 entries, so its next index is 0'],
  },
  {
    is: 'an index that is no number',
    env: { REGISTRY_HTTP_TRUSTEDPROXIES_A: '::1' },
    errors: ['REGISTRY_HTTP_TRUSTEDPROXIES_A: http.trustedproxies is a list, and A is no index'],
  },
  {
    is: 'a wrong entry, told by its variable',
    file: f('http: {trustedproxies: [10.0.0.0/8]}'),
    env: { REGISTRY_HTTP_TRUSTEDPROXIES_0: 'x' },
    errors: [
      'REGISTRY_HTTP_TRUSTEDPROXIES_0: http.trustedproxies.0 must be a network such as 10.0.0.0/8, or an address, not "x"',
    ],
  },
  {
    is: 'an index below a list of sections',
    file: f('notifications: {endpoints: [{name: a}]}'),
    env: {
      REGISTRY_NOTIFICATIONS_ENDPOINTS_0_URL: 'http://a',
      REGISTRY_NOTIFICATIONS_ENDPOINTS_1: '{name: b}',
    },
    warnings: [`config.yml:2: notifications ${noEffect}`],
  },
  {
    is: 'keys below a single value',
    env: { REGISTRY_HTTP_ADDR_PORT: '5000' },
    errors: ['REGISTRY_HTTP_ADDR_PORT: http.addr is a single value and has no keys'],
  },
  {
    is: 'a section that is no YAML',
    env: { REGISTRY_HTTP: '{addr' },
    errors: ['REGISTRY_HTTP: is not valid YAML: unexpected end of the stream within a flow collection'],
  },
  {
    is: 'a wrong value, told by its variable',
    file: f('log: {level: info}'),
    env: { REGISTRY_LOG_LEVEL: 'loud' },
    errors: ['REGISTRY_LOG_LEVEL: log.level must be error, warn, info or debug, not "loud"'],
  },
  ...['*a', '&a', '!a', '%a', '@a', '{a', '[a', '#a', 'a #b', 'a: b', '0123', '1e5', 'yes'].map((secret) => ({
    is: `the secret ${secret} as it stands`,
    env: { REGISTRY_HTTP_SECRET: secret },
    gives: { http: { secret } },
  })),
  {
    is: 'a secret that was quoted for YAML',
    env: { REGISTRY_HTTP_SECRET: '"*a"' },
    gives: { http: { secret: '*a' } },
  },
  {
    is: 'an empty variable is not given',
    file: f('http: {host: "https://a"}'),
    env: { REGISTRY_HTTP_HOST: '', REGISTRY_AUTH: '' },
    gives: { auth: builtin },
  },
  {
    is: 'the bare name drops the rest of the section',
    file: f('storage: {filesystem: , delete: {enabled: false}}'),
    env: { REGISTRY_STORAGE: 'inmemory' },
    gives: { storage: { driver: { kind: 'inmemory' }, delete: { enabled: true } } },
  },
  {
    is: 'a second driver by its parameters',
    file: f('storage:', '  filesystem:'),
    env: { REGISTRY_STORAGE_S3_BUCKET: 'b' },
    errors: [
      'config.yml:2: storage must name one of filesystem, s3, not several; REGISTRY_STORAGE=<one> replaces the whole section',
      'REGISTRY_STORAGE_S3_BUCKET: storage.s3 needs region, or the regionendpoint of another server',
      'REGISTRY_STORAGE_S3_BUCKET: storage.s3 keeps blobs and nothing else: name the file of the database too, such as database: sqlite:/var/lib/registry/berth.db',
    ],
  },
  {
    is: 'read-only without a section',
    env: { REGISTRY_STORAGE_MAINTENANCE_READONLY_ENABLED: 'true' },
    gives: { readOnly: true },
  },
  {
    is: 'read-only as a section, which is how the original can be told',
    env: { REGISTRY_STORAGE_MAINTENANCE_READONLY: '{"enabled": true}' },
    gives: { readOnly: true },
  },
  {
    is: 'no longer read-only, over the file',
    file: f('storage: {maintenance: {readonly: {enabled: true}}}'),
    env: { REGISTRY_STORAGE_MAINTENANCE_READONLY_ENABLED: 'false' },
    gives: { readOnly: false },
  },
  {
    is: 'purging without a section, with a section',
    file: f('storage: {maintenance: {uploadpurging: {age: 168h}}}'),
    env: { REGISTRY_STORAGE_MAINTENANCE_UPLOADPURGING_ENABLED: 'false' },
    gives: { uploadPurging: { enabled: false, age: 168 * 3_600_000 } },
  },
  {
    is: 'auth misplaced',
    env: { REGISTRY_HTTP_AUTH_NONE: '' },
    errors: ['REGISTRY_HTTP_AUTH_NONE: http.auth is in the wrong place; auth belongs at the top level'],
  },
  {
    is: 'tls by one of its keys',
    file: f('http: {addr: ":1"}'),
    env: { REGISTRY_HTTP_TLS_CERTIFICATE: '/c' },
    errors: [`REGISTRY_HTTP_TLS_CERTIFICATE: http.tls ${unsupported}`],
  },
  {
    is: 'builtin by one of its keys',
    env: { REGISTRY_AUTH_BUILTIN_SERVICE: 'registry' },
    gives: { auth: { ...builtin, service: 'registry' } },
  },
  {
    is: 'an unknown key of builtin',
    env: { REGISTRY_AUTH_BUILTIN_ISUER: 'x' },
    errors: [
      'REGISTRY_AUTH_BUILTIN_ISUER: auth.builtin.isuer is not a known key; did you mean auth.builtin.issuer?',
    ],
  },
  {
    is: 'none by a parameter that is empty',
    env: { REGISTRY_AUTH_NONE: '' },
    gives: { auth: { kind: 'none' } },
  },
  { is: 'where the file is, is no key', env: { REGISTRY_CONFIGURATION_PATH: '' } },
  {
    is: 'where podman and oc keep logins, is no key',
    env: { REGISTRY_AUTH_FILE: '/run/auth.json', REGISTRY_AUTH_PREFERENCE: 'podman' },
  },
  {
    is: 'a kind of auth replaced',
    file: f('auth: {token: {realm: r}}'),
    env: { REGISTRY_AUTH: 'builtin' },
    gives: { auth: builtin },
  },
];
