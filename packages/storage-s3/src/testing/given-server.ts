import { randomBytes } from 'node:crypto';

import type { TestEnvironment } from '@berth/storage/testing';

import { serverAt, type S3Server } from './s3-server.ts';

/**
 * The S3 server that the environment names, to try the driver on it: `BERTH_TEST_S3_ENDPOINT`, `BERTH_TEST_S3_ACCESS_KEY` and
 * `BERTH_TEST_S3_SECRET_KEY`. Its buckets stay there.
 */
export function givenS3Server(env: TestEnvironment): S3Server | undefined {
  const {
    BERTH_TEST_S3_ENDPOINT: endpoint,
    BERTH_TEST_S3_ACCESS_KEY: accessKeyId = '',
    BERTH_TEST_S3_SECRET_KEY: secretAccessKey = '',
  } = env;
  if (!endpoint) return undefined;
  const prefix = `berth-tests-${randomBytes(4).toString('hex')}`;
  return serverAt({ endpoint, credentials: { accessKeyId, secretAccessKey } }, prefix, async () => undefined);
}
