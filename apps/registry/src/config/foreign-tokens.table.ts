import { signingAlgorithms } from '@berth/protocol';
import { f } from './row.table.ts';
import type { Row } from './row.table.ts';

const token = (...keys: string[]) => f('auth:', '  token:', ...keys.map((key) => `    ${key}`));
const named = ['service: r.example.com', 'issuer: auth'];
const realm = 'realm: https://auth.example.com/token';
const settings = {
  kind: 'token',
  realm: 'https://auth.example.com/token',
  service: 'r.example.com',
  issuer: 'auth',
  rootCertBundle: '/etc/auth.pem',
  algorithms: signingAlgorithms,
};

export const foreignTokenServers: Row[] = [
  {
    is: 'a foreign token server, as registry:2 has it: deleting is off',
    file: token(realm, ...named, 'rootcertbundle: /etc/auth.pem'),
    gives: { auth: settings, storage: { delete: { enabled: false } } },
    notices: 0,
  },
  {
    is: 'a foreign token server, as registry:3 has it',
    file: token(realm, ...named, 'jwks: /etc/jwks.json', 'signingalgorithms: [ES256, EdDSA]'),
    gives: { auth: { jwks: '/etc/jwks.json', algorithms: ['ES256', 'EdDSA'] } },
  },
  {
    is: 'deleting switched on with a foreign token server',
    file: [token(realm, ...named, 'jwks: /j'), 'storage: {delete: {enabled: true}}'].join('\n'),
    gives: { storage: { delete: { enabled: true } } },
  },
  {
    is: 'a realm at the address of the request',
    file: token('autoredirect: true', ...named, 'jwks: /j'),
    gives: { auth: { realm: { path: '/auth/token' } } },
  },
  {
    is: 'autoredirect with its path wins over realm',
    file: token(realm, 'autoredirect: on', 'autoredirectpath: /token', ...named, 'jwks: /j'),
    gives: { auth: { realm: { path: '/token' } } },
  },
  {
    is: 'a foreign token server by variables',
    env: {
      REGISTRY_AUTH: 'token',
      REGISTRY_AUTH_TOKEN_REALM: 'https://auth.example.com/token',
      REGISTRY_AUTH_TOKEN_SERVICE: 'r.example.com',
      REGISTRY_AUTH_TOKEN_ISSUER: 'auth',
      REGISTRY_AUTH_TOKEN_ROOTCERTBUNDLE: '/etc/auth.pem',
    },
    gives: { auth: settings },
  },
  {
    is: 'a foreign token server that nobody described',
    file: f('auth: token'),
    errors: ['config.yml:2: auth.token.service is missing', 'config.yml:2: auth.token.issuer is missing'],
  },
  {
    is: 'a foreign token server without address and keys',
    file: token(...named),
    errors: [
      'config.yml:3: auth.token needs realm, the address of the token server',
      'config.yml:3: auth.token needs rootcertbundle or jwks, the keys of the token server',
    ],
  },
  {
    is: 'a shared secret',
    file: token(realm, ...named, 'jwks: /j', 'signingalgorithms: [HS256]'),
    errors: [
      'config.yml:8: auth.token.signingalgorithms.0 must be EdDSA, ES256, ES384, ES512, PS256, PS384, PS512, RS256, RS384 or RS512, not "HS256"',
    ],
  },
  {
    is: 'a realm that is no address',
    file: token('realm: auth.example.com', ...named, 'jwks: /j'),
    errors: [
      'config.yml:4: auth.token.realm must be an address such as https://auth.example.com/token, not "auth.example.com"',
    ],
  },
  {
    is: 'a realm that ends its quotes',
    file: token(`realm: 'https://a/"x'`, ...named, 'jwks: /j'),
    errors: [
      'config.yml:4: auth.token.realm must be an address such as https://auth.example.com/token, not "https://a/\\"x"',
    ],
  },
  {
    is: 'a path on another host',
    file: token('autoredirect: true', 'autoredirectpath: //evil.example.com', ...named, 'jwks: /j'),
    errors: [
      'config.yml:5: auth.token.autoredirectpath must be a path such as /auth/token, not "//evil.example.com"',
    ],
  },
  {
    is: 'a service that no header can hold',
    file: token(realm, `service: 'a"b'`, 'issuer: auth', 'jwks: /j'),
    errors: ['config.yml:5: auth.token.service must be text in ASCII without quotes, not "a\\"b"'],
  },
];
