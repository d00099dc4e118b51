import { f, noEffect, unsupported } from './row.table.ts';
import type { Row } from './row.table.ts';

export const withoutEffect: Row[] = [
  {
    is: 'one warning for a whole section',
    file: f('notifications:', '  endpoints:', '    - {name: a, url: "http://a"}'),
    warnings: [`config.yml:2: notifications ${noEffect}`],
  },
  {
    is: 'sections without keys',
    file: f('notifications: {}', 'http: {tls: {certificate: , key: ""}}', 'redis:'),
  },
  {
    is: 'rules for the URLs of foreign layers',
    file: f('validation: {manifests: {urls: {allow: ["^https://a/"]}}}'),
    warnings: [`config.yml:2: validation.manifests.urls ${noEffect}`],
  },
  {
    is: 'tls',
    file: f('http:', '  tls:', '    certificate: /c', '    key: /k'),
    errors: [`config.yml:3: http.tls ${unsupported}`],
  },
  {
    is: 'a cache',
    file: f('proxy:', '  remoteurl: https://registry-1.docker.io'),
    errors: [`config.yml:3: proxy.remoteurl ${unsupported}`],
  },
  {
    is: 'headers other than nosniff',
    file: f('http: {headers: {X-A: [b]}}'),
    warnings: [`config.yml:2: http.headers ${noEffect}`],
  },
  {
    is: 'a database that is no file; a value that may hold a secret is not shown',
    file: f('database: postgres://a:b@c/d'),
    errors: [
      'config.yml:2: database must be the address of an SQLite file, such as sqlite:/var/lib/registry/berth.db',
    ],
  },
  {
    is: 'a socket file',
    file: f('http: {net: unix}'),
    errors: [`config.yml:2: http.net: unix ${unsupported}`],
  },
  {
    is: 'redirects and the cache hold anyway',
    file: f('storage: {redirect: {disable: true}, cache: {blobdescriptor: redis}}'),
  },
];
