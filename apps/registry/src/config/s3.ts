import type { S3DriverOptions } from '@berth/storage-s3';
import type { z } from 'zod';
import { alternative, covered, optional, required, value } from './keys.ts';
import { flag, integer, text, type Scalar } from './scalars.ts';

const mebibyte = 1024 * 1024;
const partSize = integer({ min: 5 * mebibyte, max: 5120 * mebibyte });

/** The words of S3 in the spelling of S3, upper or lower case. */
function wordOf<const W extends string>(...words: W[]): Scalar<W> {
  const read = (given: string) => words.find((word) => word.toLowerCase() === given.toLowerCase());
  return { name: words.join(', ').replace(/, ([^,]*)$/, ' or $1'), read };
}

const storageClass = wordOf(
  'NONE',
  'STANDARD',
  'REDUCED_REDUNDANCY',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'OUTPOSTS',
  'GLACIER_IR',
  'EXPRESS_ONEZONE',
);

const objectAcl = wordOf(
  'private',
  'public-read',
  'public-read-write',
  'authenticated-read',
  'aws-exec-read',
  'bucket-owner-read',
  'bucket-owner-full-control',
);

/** `loglevel: off` is false to YAML, and back in text. */
const isOff = (given: unknown) => typeof given === 'string' && /^(off|false)$/i.test(given);
const isOn = (given: unknown) => typeof given === 'string' && flag.read(given) === true;

/** `storage.s3`, and `storage.s3aws`, its old name: distribution/distribution `registry/storage/driver/s3-aws/s3.go`. */
export function s3Keys(meaning: string, marks: { alias?: boolean } = {}) {
  return alternative(
    meaning,
    {
      bucket: required(text, 'Name of the bucket. Needed.'),
      region: optional(text, 'Region of the bucket. Needed unless there is a `regionendpoint`.'),
      regionendpoint: optional(
        text,
        "Address of a server that is not Amazon's, such as `https://minio.example.com:9000`.",
      ),
      redirectendpoint: optional(
        text,
        'Address under which clients reach that server, where it is another one: for redirects.',
      ),
      forcepathstyle: optional(
        flag,
        'Whether the bucket is in the path and not in the host name. Where absent: with a `regionendpoint`.',
      ),
      accesskey: optional(
        text,
        'Access key. Without it: the environment, profile or role of the machine, as in every tool for AWS.',
        { secret: true },
      ),
      secretkey: optional(text, 'Its secret.', { secret: true }),
      sessiontoken: optional(text, 'Session token of keys that live for a short time.', { secret: true }),
      rootdirectory: value(text, '/', 'Folder in the bucket.'),
      secure: value(flag, 'true', 'TLS, where `regionendpoint` names no scheme.'),
      skipverify: value(flag, 'false', 'Whether any certificate will do.'),
      chunksize: value(
        partSize,
        '10485760',
        'Bytes of a part of an upload. Each upload in progress takes twice as much memory.',
      ),
      multipartcopychunksize: value(partSize, '33554432', 'Bytes of a part of a copy.'),
      multipartcopymaxconcurrency: value(
        integer({ min: 1, max: 1000 }),
        '100',
        'How many parts of a copy are copied at once.',
      ),
      multipartcopythresholdsize: value(
        integer({ min: 0, max: 5120 * mebibyte }),
        '33554432',
        'Bytes from which on a copy is made in parts.',
      ),
      encrypt: value(flag, 'false', 'Whether the server encrypts what it stores.'),
      keyid: optional(text, 'Key of KMS that it does so with; else a key of S3.'),
      storageclass: value(storageClass, 'STANDARD', 'Storage class. `NONE` and `STANDARD` name none.'),
      objectacl: value(objectAcl, 'private', 'Canned ACL of objects. `private` names none.'),
      useragent: optional(text, 'Added to the `User-Agent`.'),
      maxattempts: value(
        integer({ min: 1, max: 20 }),
        '5',
        'How often a request is sent where the server is in trouble. Not a key of the original.',
      ),
      usedualstack: value(flag, 'false', "Whether Amazon's addresses for IPv4 and IPv6 are used."),
      accelerate: value(flag, 'false', 'Whether transfer acceleration is used.'),
      usefipsendpoint: value(flag, 'false', "Whether Amazon's FIPS addresses are used."),
      v4auth: covered('Whether requests are signed by version 4.', isOn),
      loglevel: covered('Log of the SDK.', isOff),
    },
    marks,
  );
}

export type S3Keys = NonNullable<z.output<ReturnType<typeof s3Keys>>>;

/** What is missing in the section, though no key by itself is wrong. */
export function missingInS3({ bucket, region, regionendpoint, accesskey, secretkey }: S3Keys): string[] {
  return [
    ...(bucket === '' ? ['needs bucket'] : []),
    ...(region || regionendpoint ? [] : ['needs region, or the regionendpoint of another server']),
    ...((accesskey === undefined) === (secretkey === undefined)
      ? []
      : ['needs accesskey and secretkey, or neither of them']),
  ];
}

/** What the driver is made of. */
export function assembleS3(keys: S3Keys): S3DriverOptions {
  return {
    bucket: keys.bucket,
    ...withoutUndefined({
      region: keys.region,
      endpoint: keys.regionendpoint,
      redirectEndpoint: keys.redirectendpoint,
      forcePathStyle: keys.forcepathstyle,
      userAgent: keys.useragent,
      credentials: credentialsOf(keys),
    }),
    rootDirectory: keys.rootdirectory,
    secure: keys.secure,
    skipVerify: keys.skipverify,
    chunkSize: keys.chunksize,
    copy: {
      chunkSize: keys.multipartcopychunksize,
      concurrency: keys.multipartcopymaxconcurrency,
      threshold: keys.multipartcopythresholdsize,
    },
    ...(keys.encrypt && { encryption: keys.keyid ? { keyId: keys.keyid } : {} }),
    ...(keys.storageclass !== 'NONE' &&
      keys.storageclass !== 'STANDARD' && { storageClass: keys.storageclass }),
    ...(keys.objectacl !== 'private' && { objectAcl: keys.objectacl }),
    attempts: keys.maxattempts,
    useDualStack: keys.usedualstack,
    accelerate: keys.accelerate,
    useFipsEndpoint: keys.usefipsendpoint,
  };
}

function credentialsOf({ accesskey, secretkey, sessiontoken }: S3Keys): S3DriverOptions['credentials'] {
  if (accesskey === undefined || secretkey === undefined) return undefined;
  const keys = { accessKeyId: accesskey, secretAccessKey: secretkey };
  return sessiontoken === undefined ? keys : { ...keys, sessionToken: sessiontoken };
}

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** The members that are given: an optional member of the driver's options is never `undefined`. */
function withoutUndefined<T extends object>(members: T): Given<T> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Given<T>;
}

/** The spelling of the file again, with secrets masked. */
export function writeS3(options: S3DriverOptions, mask: string): Record<string, unknown> {
  const { credentials, encryption, copy } = options;
  return {
    bucket: options.bucket,
    ...(options.region && { region: options.region }),
    ...(options.endpoint && { regionendpoint: options.endpoint }),
    ...(options.redirectEndpoint && { redirectendpoint: options.redirectEndpoint }),
    ...(options.forcePathStyle !== undefined && { forcepathstyle: options.forcePathStyle }),
    ...(credentials && { accesskey: mask, secretkey: mask }),
    ...(credentials?.sessionToken && { sessiontoken: mask }),
    rootdirectory: options.rootDirectory,
    secure: options.secure,
    skipverify: options.skipVerify,
    chunksize: options.chunkSize,
    multipartcopychunksize: copy?.chunkSize,
    multipartcopymaxconcurrency: copy?.concurrency,
    multipartcopythresholdsize: copy?.threshold,
    encrypt: encryption !== undefined,
    ...(encryption?.keyId && { keyid: encryption.keyId }),
    storageclass: options.storageClass ?? 'STANDARD',
    objectacl: options.objectAcl ?? 'private',
    ...(options.userAgent && { useragent: options.userAgent }),
    maxattempts: options.attempts,
    usedualstack: options.useDualStack,
    accelerate: options.accelerate,
    usefipsendpoint: options.useFipsEndpoint,
  };
}
