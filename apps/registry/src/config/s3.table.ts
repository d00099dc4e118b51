import { f } from './row.table.ts';
import type { Row } from './row.table.ts';

const database = 'database: sqlite:/data/berth.db';
const s3 = (...keys: string[]) => f('storage:', '  s3:', ...keys.map((key) => `    ${key}`), database);
const least = { bucket: 'b', region: 'eu-central-1' };

export const s3Rows: Row[] = [
  {
    is: 'a bucket of Amazon',
    file: s3('bucket: b', 'region: eu-central-1'),
    gives: {
      database: '/data/berth.db',
      storage: {
        redirect: true,
        driver: {
          kind: 's3',
          folder: '/data',
          options: {
            ...least,
            rootDirectory: '/',
            secure: true,
            skipVerify: false,
            chunkSize: 10_485_760,
            copy: { chunkSize: 33_554_432, concurrency: 100, threshold: 33_554_432 },
            attempts: 5,
          },
        },
      },
    },
  },
  {
    is: 'another server, with every key',
    file: s3(
      'bucket: b',
      'regionendpoint: http://minio:9000',
      'redirectendpoint: https://blobs.example.com',
      'accesskey: AK',
      'secretkey: SK',
      'sessiontoken: ST',
      'forcepathstyle: false',
      'rootdirectory: /registry',
      'secure: false',
      'skipverify: true',
      'chunksize: 5242880',
      'multipartcopychunksize: 52428800',
      'multipartcopymaxconcurrency: 3',
      'multipartcopythresholdsize: 0',
      'encrypt: true',
      'keyid: k',
      'storageclass: standard_ia',
      'objectacl: bucket-owner-full-control',
      'useragent: me',
      'maxattempts: 2',
      'usedualstack: true',
      'accelerate: true',
      'usefipsendpoint: true',
      'v4auth: true',
      'loglevel: off',
    ),
    gives: {
      storage: {
        driver: {
          kind: 's3',
          options: {
            bucket: 'b',
            endpoint: 'http://minio:9000',
            redirectEndpoint: 'https://blobs.example.com',
            credentials: { accessKeyId: 'AK', secretAccessKey: 'SK', sessionToken: 'ST' },
            forcePathStyle: false,
            rootDirectory: '/registry',
            secure: false,
            skipVerify: true,
            chunkSize: 5_242_880,
            copy: { chunkSize: 52_428_800, concurrency: 3, threshold: 0 },
            encryption: { keyId: 'k' },
            storageClass: 'STANDARD_IA',
            objectAcl: 'bucket-owner-full-control',
            userAgent: 'me',
            attempts: 2,
            useDualStack: true,
            accelerate: true,
            useFipsEndpoint: true,
          },
        },
      },
    },
  },
  {
    is: 's3 by its old name',
    file: f('storage: {s3aws: {bucket: b, region: eu-central-1}}', database),
    gives: { storage: { driver: { kind: 's3', options: least } } },
  },
  {
    is: 's3 by variables',
    env: {
      REGISTRY_STORAGE: 's3',
      REGISTRY_STORAGE_S3_BUCKET: 'b',
      REGISTRY_STORAGE_S3_REGION: 'eu-central-1',
      REGISTRY_STORAGE_REDIRECT_DISABLE: 'true',
      REGISTRY_DATABASE: 'sqlite:/data/berth.db',
    },
    gives: { storage: { redirect: false, driver: { kind: 's3', folder: '/data', options: least } } },
  },
  {
    is: 's3 without a database',
    file: f('storage: {s3: {bucket: b, region: r}}'),
    errors: [
      'config.yml:2: storage.s3 keeps blobs and nothing else: name the file of the database too, such as database: sqlite:/var/lib/registry/berth.db',
    ],
  },
  {
    is: 's3 without a region, and half a key',
    file: s3('bucket: b', 'accesskey: AK'),
    errors: [
      'config.yml:3: storage.s3 needs region, or the regionendpoint of another server',
      'config.yml:3: storage.s3 needs accesskey and secretkey, or neither of them',
    ],
  },
  {
    is: 's3 without a bucket',
    file: s3('region: r'),
    errors: ['config.yml:3: storage.s3.bucket is missing'],
  },
  {
    is: 's3 with wrong values',
    file: s3('bucket: b', 'region: r', 'chunksize: 1000', 'storageclass: COLD', 'objectacl: mine'),
    errors: [
      'config.yml:6: storage.s3.chunksize must be a whole number from 5242880 to 5368709120, not "1000"',
      'config.yml:7: storage.s3.storageclass must be NONE, STANDARD, REDUCED_REDUNDANCY, STANDARD_IA, ONEZONE_IA, INTELLIGENT_TIERING, OUTPOSTS, GLACIER_IR or EXPRESS_ONEZONE, not "COLD"',
      'config.yml:8: storage.s3.objectacl must be private, public-read, public-read-write, authenticated-read, aws-exec-read, bucket-owner-read or bucket-owner-full-control, not "mine"',
    ],
  },
  {
    is: 's3 signed by version 2, and a log of the SDK',
    file: s3('bucket: b', 'region: r', 'v4auth: false', 'loglevel: debug'),
    gives: { storage: { driver: { kind: 's3' } } },
    warnings: [
      'config.yml:6: storage.s3.v4auth: false is not supported by this version of Berth and has no effect',
      'config.yml:7: storage.s3.loglevel: debug is not supported by this version of Berth and has no effect',
    ],
  },
  {
    is: 'a database that is named, beside blobs that are files',
    file: f('storage: {filesystem: {rootdirectory: /blobs}}', 'database: sqlite:///other/berth.db'),
    gives: {
      database: '/other/berth.db',
      storage: { driver: { kind: 'filesystem', rootDirectory: '/blobs' } },
    },
  },
  {
    is: 'a database without a file',
    file: f('database: "sqlite:"'),
    errors: [
      'config.yml:2: database must be the address of an SQLite file, such as sqlite:/var/lib/registry/berth.db',
    ],
  },
];
