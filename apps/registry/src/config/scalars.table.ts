import { builtin, f } from './row.table.ts';
import type { Row } from './row.table.ts';

export const scalars: Row[] = [
  { is: 'the level in any case', file: f('log: {level: WARN}'), gives: { log: { level: 'warn' } } },
  {
    is: 'a level that is none',
    file: f('log:', '  level: loud'),
    errors: ['config.yml:3: log.level must be error, warn, info or debug, not "loud"'],
  },
  { is: 'loglevel, the old name', file: f('loglevel: error'), gives: { log: { level: 'error' } } },
  {
    is: 'log.level over loglevel',
    file: f('loglevel: error', 'log: {level: debug}'),
    gives: { log: { level: 'debug' } },
  },
  { is: 'json logs', file: f('log: {formatter: json}'), gives: { log: { formatter: 'json' } } },
  { is: 'on is true', file: f('http: {relativeurls: on}'), gives: { http: { relativeUrls: true } } },
  { is: 'no is false', file: f('http: {relativeurls: no}'), gives: { http: { relativeUrls: false } } },
  {
    is: 'N is false',
    file: f('storage: {delete: {enabled: N}}'),
    gives: { storage: { delete: { enabled: false } } },
  },
  {
    is: 'a flag that is none',
    file: f('storage: {delete: {enabled: maybe}}'),
    errors: ['config.yml:2: storage.delete.enabled must be true or false, not "maybe"'],
  },
  {
    is: 'octal as in YAML 1.1',
    file: f('auth: {builtin: {expiration: 0600}}'),
    gives: { auth: { expiration: 384 } },
  },
  {
    is: 'octal as in YAML 1.2',
    file: f('auth: {builtin: {expiration: 0o600}}'),
    gives: { auth: { expiration: 384 } },
  },
  {
    is: 'hexadecimal',
    file: f('auth: {builtin: {expiration: 0x100}}'),
    gives: { auth: { expiration: 256 } },
  },
  { is: 'binary', file: f('auth: {builtin: {expiration: 0b1100100}}'), gives: { auth: { expiration: 100 } } },
  {
    is: 'digits in groups',
    file: f('auth: {builtin: {expiration: 1_000}}'),
    gives: { auth: { expiration: 1000 } },
  },
  {
    is: 'a whole number as a float',
    file: f('auth: {builtin: {expiration: 1e3}}'),
    gives: { auth: { expiration: 1000 } },
  },
  {
    is: 'an explicit tag',
    file: f('auth: {builtin: {expiration: !!int 90}}'),
    gives: { auth: { expiration: 90 } },
  },
  {
    is: 'half a second',
    file: f('auth: {builtin: {expiration: 90.5}}'),
    errors: ['config.yml:2: auth.builtin.expiration must be a whole number from 60 to 86400, not "90.5"'],
  },
  {
    is: 'tokens of less than a minute',
    file: f('auth:', '  builtin:', '    expiration: 59'),
    errors: ['config.yml:4: auth.builtin.expiration must be a whole number from 60 to 86400, not "59"'],
  },
  {
    is: 'a text that looks like a number stays as written',
    file: f('http: {secret: 0123}'),
    gives: { http: { secret: '0123' } },
  },
  {
    is: 'a text that looks like a flag stays as written',
    file: f('auth: {builtin: {issuer: yes}}'),
    gives: { auth: { issuer: 'yes' } },
  },
  {
    is: 'a date stays as written',
    file: f('auth: {builtin: {service: 2024-01-02}}'),
    gives: { auth: { service: '2024-01-02' } },
  },
  { is: 'Go durations', file: f('http: {draintimeout: 1m30.5s}'), gives: { http: { drainTimeout: 90_500 } } },
  { is: 'a duration of nothing', file: f('http: {draintimeout: 0}'), gives: { http: { drainTimeout: 0 } } },
  {
    is: 'a duration without unit',
    file: f('http: {draintimeout: 30}'),
    errors: ['config.yml:2: http.draintimeout must be a duration such as 30s, 5m or 168h, not "30"'],
  },
  {
    is: 'null is not given',
    file: f('http: {addr: null, host: ~, secret:}', 'log:', 'auth:'),
    gives: { http: { address: { port: 5000 } }, auth: builtin },
    notices: 1,
  },
  {
    is: 'an anchor, an alias and a merge',
    file: f('log: &l {level: warn}', 'http: {addr: &a ":7"}', 'auth: {builtin: {issuer: *a}}'),
    gives: { auth: { issuer: ':7' } },
  },
  {
    is: 'IPv6 and any port',
    file: f('http: {addr: "[::1]:0"}'),
    gives: { http: { address: { host: '::1', port: 0 } } },
  },
  {
    is: 'an address without port',
    file: f('http: {addr: localhost}'),
    errors: [
      'config.yml:2: http.addr must be an address such as :5000, 127.0.0.1:5000 or [::1]:5000, not "localhost"',
    ],
  },
  {
    is: 'a port that is none',
    file: f('http: {addr: ":65536"}'),
    errors: [
      'config.yml:2: http.addr must be an address such as :5000, 127.0.0.1:5000 or [::1]:5000, not ":65536"',
    ],
  },
  {
    is: 'the host',
    file: f('http: {host: "https://r.example.com:8443/"}'),
    gives: { http: { host: 'https://r.example.com:8443' } },
  },
  {
    is: 'a host without scheme',
    file: f('http: {host: r.example.com}'),
    errors: [
      'config.yml:2: http.host must be an address such as https://registry.example.com, not "r.example.com"',
    ],
  },
  {
    is: 'proxies',
    file: f('http:', '  trustedproxies:', '    - 10.1.0.0/16', '    - ::1'),
    gives: { http: { trustedProxies: ['10.1.0.0/16', '::1/128'] } },
  },
  { is: 'no proxy', file: f('http: {trustedproxies: []}'), gives: { http: { trustedProxies: [] } } },
  {
    is: 'a proxy that is none',
    file: f('http:', '  trustedproxies:', '    - 10.1.0.0/16', '    - 10.1.0.0/40'),
    errors: [
      'config.yml:5: http.trustedproxies.1 must be a network such as 10.0.0.0/8, or an address, not "10.1.0.0/40"',
    ],
  },
  {
    is: 'a single value for a list',
    file: f('http: {trustedproxies: 10.0.0.0/8}'),
    errors: ['config.yml:2: http.trustedproxies must be a list, such as [127.0.0.0/8]'],
  },
  {
    is: 'a single value for a section',
    file: f('http: 5000'),
    errors: ['config.yml:2: http must be a section of keys'],
  },
  {
    is: 'a section for a single value',
    file: f('http: {addr: {port: 5000}}'),
    errors: ['config.yml:2: http.addr must be an address such as :5000, 127.0.0.1:5000 or [::1]:5000'],
  },
];
