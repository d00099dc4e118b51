import { f } from './row.table.ts';
import type { Row } from './row.table.ts';

export const places: Row[] = [
  {
    is: 'a misspelt key',
    file: f('http:', '  adress: :5000'),
    warnings: ['config.yml:3: http.adress is not a known key and has no effect; did you mean http.addr?'],
  },
  {
    is: 'the line in a flow mapping',
    file: f('http: {', '  secret: s,', '  adress: ":1" }'),
    warnings: ['config.yml:4: http.adress is not a known key and has no effect; did you mean http.addr?'],
  },
  {
    is: 'a key like no other',
    file: f('log: {xyzzy: 1}'),
    warnings: ['config.yml:2: log.xyzzy is not a known key and has no effect'],
  },
  {
    is: 'a key that JavaScript knows',
    file: f('constructor: 1', 'log: {__proto__: 1}'),
    warnings: [
      'config.yml:2: constructor is not a known key and has no effect',
      'config.yml:3: log.__proto__ is not a known key and has no effect',
    ],
  },
  {
    is: 'a key in capitals',
    file: f('HTTP: {addr: ":1"}'),
    warnings: ['config.yml:2: HTTP is not a known key and has no effect; did you mean http?'],
  },
  {
    is: 'delete under http',
    file: f('http:', '  delete:', '    enabled: true'),
    warnings: ['config.yml:3: http.delete is in the wrong place and has no effect; it belongs under storage'],
  },
  {
    is: 'delete below the driver',
    file: f('storage:', '  filesystem:', '    delete: {enabled: true}'),
    warnings: [
      'config.yml:4: storage.filesystem.delete is in the wrong place and has no effect; it belongs under storage',
    ],
  },
  {
    is: 'proxy under http',
    file: f('http: {proxy: {remoteurl: "https://r"}}'),
    warnings: [
      'config.yml:2: http.proxy is in the wrong place and has no effect; proxy belongs at the top level',
    ],
  },
  {
    is: 'auth under http',
    file: f('http:', '  auth:', '    none:'),
    errors: ['config.yml:3: http.auth is in the wrong place; auth belongs at the top level'],
  },
  {
    is: 'tls at the top',
    file: f('tls: {certificate: c}'),
    errors: ['config.yml:2: tls is in the wrong place; it belongs under http'],
  },
  {
    is: 'a parameter of the driver where drivers are named',
    file: f('storage: {rootdirectory: /x}'),
    errors: [
      'config.yml:2: storage.rootdirectory is in the wrong place; it belongs under storage.filesystem or storage.s3',
    ],
  },
  {
    is: 'an unknown key of builtin',
    file: f('auth:', '  builtin:', '    isuer: x'),
    errors: ['config.yml:4: auth.builtin.isuer is not a known key; did you mean auth.builtin.issuer?'],
  },
  {
    is: 'an unknown key of builtin like no other',
    file: f('auth: {builtin: {x: 1}}'),
    errors: [
      'config.yml:2: auth.builtin.x is not a known key; auth.builtin has issuer, service, expiration, signingalgorithm, keyrotation, keylead, services',
    ],
  },
  {
    is: "a misspelt key of Berth's own in a section of the original",
    file: f('http: {trustedproxys: []}', 'upstream: []'),
    errors: [
      'config.yml:2: http.trustedproxys is not a known key; did you mean http.trustedproxies?',
      'config.yml:3: upstream is not a known key; did you mean upstreams?',
    ],
  },
  {
    is: 'errors in the order of the file, warnings beside them',
    file: f('tls: {key: k}', 'log: {lvel: x}', 'http: {addr: x}'),
    errors: [
      'config.yml:2: tls is in the wrong place; it belongs under http',
      'config.yml:4: http.addr must be an address such as :5000, 127.0.0.1:5000 or [::1]:5000, not "x"',
    ],
    warnings: ['config.yml:3: log.lvel is not a known key and has no effect; did you mean log.level?'],
  },
];
