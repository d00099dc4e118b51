import { builtin, f } from './row.table.ts';
import type { Row } from './row.table.ts';

const day = 86_400_000;
const ofBuiltin = (...keys: string[]) => f('auth:', '  builtin:', ...keys.map((key) => `    ${key}`));
const services = 'services: [{name: one}]';
const needsLead =
  'config.yml:4: auth.builtin.keyrotation needs auth.builtin.keylead of at least 24h where there are auth.builtin.services: ' +
  'they read the keys from a file when they start, and would refuse tokens of a key that they do not have';
const wants = 'must be 0, or a duration such as 720h, at least';

export const signingKeys: Row[] = [
  { is: 'keys without configuration', gives: { auth: builtin, audit: { retention: 365 * day } } },
  {
    is: 'keys as a whole',
    file: ofBuiltin('signingalgorithm: RS256', 'keyrotation: 720h', 'keylead: 1h'),
    gives: {
      auth: { ...builtin, signingAlgorithm: 'RS256', keyRotation: 30 * day, keyLead: day / 24 },
    },
  },
  {
    is: 'keys by variables',
    env: { REGISTRY_AUTH_BUILTIN_KEYROTATION: '720h', REGISTRY_AUTH_BUILTIN_SIGNINGALGORITHM: 'RS256' },
    gives: { auth: { ...builtin, keyRotation: 30 * day, signingAlgorithm: 'RS256' } },
  },
  { is: 'rotation by hand, said so', file: ofBuiltin('keyrotation: 0'), gives: { auth: builtin } },
  {
    is: 'rotation too often',
    file: ofBuiltin('keyrotation: 5m'),
    errors: [`config.yml:4: auth.builtin.keyrotation ${wants} 1h, not "5m"`],
  },
  {
    is: 'a lead as long as the rotation',
    file: ofBuiltin('keyrotation: 24h', 'keylead: 24h'),
    errors: ['config.yml:4: auth.builtin.keyrotation must be longer than auth.builtin.keylead'],
  },
  {
    is: 'a lead in which nobody fetches a key',
    file: ofBuiltin('keylead: 1s'),
    errors: [
      'config.yml:4: auth.builtin.keylead must be a duration such as 30s, 5m or 168h, at least 5s, not "1s"',
    ],
  },
  {
    is: 'rotation with other registries, which could not follow',
    file: ofBuiltin('keyrotation: 720h', services),
    errors: [needsLead],
  },
  {
    is: 'rotation with other registries, and time for them to follow',
    file: ofBuiltin('keyrotation: 720h', 'keylead: 24h', services),
    gives: { auth: { kind: 'builtin', keyRotation: 30 * day, keyLead: day } },
  },
  {
    is: 'an algorithm that is none of ours',
    file: ofBuiltin('signingalgorithm: HS256'),
    errors: ['config.yml:4: auth.builtin.signingalgorithm must be ES256 or RS256, not "HS256"'],
  },
  { is: 'an audit for ever', file: f('audit: {retention: 0}'), gives: { audit: { retention: 0 } } },
  {
    is: 'an audit of ninety days by a variable',
    env: { REGISTRY_AUDIT_RETENTION: '2160h' },
    gives: { audit: { retention: 90 * day } },
  },
  {
    is: 'an audit of less than a day',
    file: f('audit: {retention: 1h}'),
    errors: [`config.yml:2: audit.retention ${wants} 24h, not "1h"`],
  },
  {
    is: 'an unknown key of the audit',
    file: f('audit: {retension: 24h}'),
    errors: ['config.yml:2: audit.retension is not a known key; did you mean audit.retention?'],
  },
];
