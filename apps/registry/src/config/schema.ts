import type { z } from 'zod';
import { foreignTokens } from './foreign-tokens.ts';
import {
  alternative,
  choice,
  covered,
  ignored,
  list,
  optional,
  refused,
  refusedAlternative,
  required,
} from './keys.ts';
import { section, sections, value } from './keys.ts';
import { s3Keys } from './s3.ts';
import {
  address,
  databaseFile,
  duration,
  durationFrom,
  durationOrNone,
  flag,
  integer,
  network,
  oneOf,
  origin,
  text,
} from './scalars.ts';
import type { Scalar } from './scalars.ts';
import { keyAlgorithm } from './signing-keys.ts';

/** Loopback, link-local and the private ranges of RFC 1918 and RFC 4193. */
const privateNetworks = [
  '127.0.0.0/8',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '169.254.0.0/16',
  '::1/128',
  'fc00::/7',
  'fe80::/10',
];

const tokenLifetime = integer({ min: 60, max: 86_400 });

/** Whether a text that was given means `wanted`. */
function says<T>(scalar: Scalar<T>, wanted: T): (given: unknown) => boolean {
  return (given) => typeof given === 'string' && scalar.read(given) === wanted;
}

/** The one header of the file in the image `registry:2`; Berth sends it with every answer. */
function asksForNosniffOnly(given: unknown): boolean {
  return /^\{"x-content-type-options":(\["nosniff"\]|"nosniff")\}$/i.test(JSON.stringify(given));
}

/**
 * The whole configuration: the keys of `registry:2` and `registry:3`, and Berth's own (`own`). Spelled as in the file. A new key
 * is one line here and one in docker/config.yml; what the server sees of it is in configuration.ts.
 */
export const schema = section({
  version: value(oneOf('0.1'), '0.1', 'Version of the format. A file must give it.'),
  log: section({
    level: optional(
      oneOf('error', 'warn', 'info', 'debug'),
      'Least severity that is logged; `info` where absent.',
    ),
    formatter: optional(
      oneOf('text', 'json'),
      'Lines for people or for programs. Where absent: `text` on a terminal, else `json`.',
    ),
    accesslog: section({ disabled: covered('Whether requests are logged.', says(flag, false)) }),
    fields: ignored('Fields that are added to every log line.'),
    hooks: ignored('Mails on errors.'),
    reportcaller: covered('Whether log lines name the code they come from.', says(flag, false)),
  }),
  loglevel: optional(oneOf('error', 'warn', 'info', 'debug'), 'Old name of `log.level`, which wins.'),
  storage: choice({
    filesystem: alternative('Blobs are files.', {
      rootdirectory: value(
        text,
        '/var/lib/registry',
        'Folder of the blobs and the database. Where no storage is named at all, it is `./data`.',
      ),
      maxthreads: ignored('How many operations on files run at once.'),
    }),
    inmemory: alternative('Blobs are kept in memory and gone at the end: for tests.', {}),
    none: alternative(
      'No blobs and no `/v2/`: Berth is a token server alone, for the registries in `auth.builtin.services`. The database is in `./data`, that of the image in `/var/lib/registry`.',
      {},
      { own: true },
    ),
    s3: s3Keys(
      'Blobs are objects in a bucket of S3, or of a server that speaks as it does. `database` must be given.',
    ),
    s3aws: s3Keys('Old name of `s3`, with the same keys.', { alias: true }),
    gcs: refusedAlternative('Blobs in Google Cloud Storage.'),
    azure: refusedAlternative('Blobs in Azure.'),
    swift: refusedAlternative('Blobs in OpenStack Swift.'),
    oss: refusedAlternative('Blobs in Aliyun OSS.'),
    delete: section({
      enabled: optional(
        flag,
        'Whether manifests, tags and blobs may be deleted. Where absent: on with `auth.builtin`, else off.',
      ),
    }),
    cache: covered('A cache of blob descriptors: the database answers for them.'),
    tag: covered('How many tags are looked up at once: it is one query.'),
    redirect: section({
      disable: value(
        flag,
        'false',
        'Whether blobs in S3 pass through Berth. Else a pull is sent to a URL of the bucket that is good for five minutes.',
      ),
    }),
    maintenance: section({
      uploadpurging: section({
        enabled: value(flag, 'true', 'Whether abandoned uploads are ended.'),
        age: value(duration, '168h', 'How long nothing was written to an upload that counts as abandoned.'),
        interval: value(durationFrom(1000, '1s'), '24h', 'How often abandoned uploads are looked for.'),
        dryrun: value(flag, 'false', 'Whether abandoned uploads are only logged.'),
      }),
      garbagecollection: section({
        enabled: value(
          flag,
          'true',
          'Whether blobs that nothing needs are deleted while everything is served.',
        ),
        delay: value(
          duration,
          '24h',
          'How long after a deletion, or after a push without a manifest, that happens.',
        ),
      }),
      readonly: section({
        enabled: value(
          flag,
          'false',
          'Whether pushes and deletions are refused, and nothing is collected: to copy, export or check storage while it is pulled from.',
        ),
      }),
    }),
  }),
  auth: choice({
    builtin: alternative(
      'Accounts, tokens and grants of Berth itself. This is so where `auth` is absent.',
      {
        issuer: value(text, 'berth', 'Issuer (`iss`) of the tokens.'),
        service: value(text, 'berth', 'Service, the audience (`aud`) of the tokens for this registry.'),
        expiration: value(tokenLifetime, '300', 'Life of a token, in seconds.'),
        signingalgorithm: value(
          keyAlgorithm,
          'ES256',
          'Of the keys that sign tokens. After a change a new key follows at the next start, and tokens of the old one stay good.',
        ),
        keyrotation: value(
          durationOrNone(3_600_000, '1h'),
          '0',
          'How long a key signs until a new one does; 0: until `berth keys rotate`. With `services` it needs a `keylead` of 24h.',
        ),
        keylead: value(
          durationFrom(5000, '5s'),
          '5s',
          'How long a new key is published before it signs: time for others to fetch it.',
        ),
        services: sections(
          {
            name: required(text, '`service` of the other registry, the audience of tokens for it.'),
            keys: value(
              oneOf('rootcertbundle', 'jwks'),
              'rootcertbundle',
              "Which key of its own configuration the other registry has Berth's keys from (`berth keys export`).",
            ),
          },
          'Other registries, not Berth, for which it makes tokens.',
          { own: true },
        ),
      },
      { own: true },
    ),
    none: alternative('Everyone may do everything.', {}),
    htpasswd: refusedAlternative('Users from a file.'),
    token: foreignTokens,
    silly: refusedAlternative('For the tests of the original.'),
  }),
  http: section({
    addr: value(address, ':5000', 'Where to listen; without a host, on every address.'),
    host: optional(
      origin,
      'Address under which clients reach the registry. Where absent, it is taken from the request.',
    ),
    secret: optional(
      text,
      'Read and not needed: what the original signs with it, uploads in progress, is in the database.',
      {
        secret: true,
      },
    ),
    relativeurls: value(flag, 'true', 'Whether `Location` is relative, which works behind any proxy.'),
    draintimeout: value(duration, '5s', 'How long requests may go on after a signal to stop.'),
    trustedproxies: list(network, privateNetworks, 'Proxies whose `X-Forwarded-*` headers are believed.', {
      own: true,
    }),
    workers: refused('Number of processes.', { harmless: says(integer({ min: 1, max: 1 }), 1), own: true }),
    net: refused('Kind of socket.', { harmless: says(oneOf('tcp'), 'tcp') }),
    prefix: refused('Path under which the API is served.', { harmless: says(text, '/') }),
    tls: refused('Certificate and key: until they are supported, a proxy in front can hold them.'),
    headers: covered('Headers that are added to every answer.', asksForNosniffOnly),
    debug: ignored('A second port for metrics and profiles.'),
    http2: covered('Whether HTTP/2 is off.'),
    h2c: section({ enabled: covered('HTTP/2 without TLS.', says(flag, false)) }),
  }),
  health: section({
    storagedriver: covered('Whether the storage is watched: `/healthz` answers for it.'),
    file: ignored('Health by the presence of a file.'),
    http: ignored('Health by asking a URL.'),
    tcp: ignored('Health by opening a connection.'),
  }),
  catalog: section({ maxentries: covered('Largest page of the catalog.', says(text, '1000')) }),
  tags: section({ maxtags: covered('Largest page of tags.', says(text, '1000')) }),
  audit: section(
    {
      retention: value(
        durationOrNone(86_400_000, '24h'),
        '8760h',
        'How long an event stays in the audit; 0: for ever.',
      ),
    },
    { own: true, closed: true },
  ),
  database: optional(
    databaseFile,
    'Where the database is. Where absent, it is `berth.db` in the folder of the blobs.',
    { own: true, secret: true },
  ),
  upstreams: refused('Registries that are pulled through.', { own: true }),
  retention: refused('What is removed by age.', { own: true }),
  proxy: section({
    remoteurl: refused('The registry that is mirrored.'),
    username: ignored('Account at that registry.'),
    password: ignored('Its password.'),
    exec: ignored('A command that prints account and password.'),
    ttl: ignored('How long the cache keeps what it fetched.'),
    cachewritetimeout: ignored('How long writing to the cache may take.'),
  }),
  policy: refused('Which classes of content are accepted.'),
  notifications: ignored('Webhooks.'),
  redis: ignored('A shared cache.'),
  middleware: ignored('Code between the API and the storage.'),
  validation: section({
    disabled: value(
      flag,
      'false',
      'Whether the children of an index need not exist, whatever `manifests.indexes` says.',
    ),
    enabled: optional(
      flag,
      'Old name: `true` wins over `disabled`, `false` means nothing, as in the original.',
    ),
    manifests: section({
      urls: ignored('Which URLs of foreign layers are accepted: all are.'),
      indexes: section({
        platforms: value(
          oneOf('all', 'none', 'list'),
          'all',
          'Which children of an index must exist when it is pushed.',
        ),
        platformlist: sections(
          {
            os: required(text, 'Operating system, as in the index.'),
            architecture: required(text, 'Architecture, as in the index.'),
          },
          'The platforms of `platforms: list`; where empty, all children must exist.',
        ),
      }),
      layers: value(
        oneOf('all', 'none'),
        'all',
        'Which of the config and layers of an image must exist when its manifest is pushed.',
        { own: true },
      ),
    }),
  }),
  compatibility: section({
    schema1: section({
      enabled: covered('Whether manifests of schema 1 are served.', says(flag, false)),
      signingkeyfile: ignored('Key that signs them.'),
    }),
  }),
  reporting: ignored('Error reports to Bugsnag or New Relic.'),
});

/** What the schema makes of a file: values read, defaults filled in, still in the spelling of the file. */
export type ParsedFile = z.output<typeof schema>;
