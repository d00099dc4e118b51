import type { StorageDriver } from '@berth/storage';
import { findProgram, isRequired, type TestEnvironment } from '@berth/storage/testing';
import { afterAll, beforeAll, beforeEach, describe, test } from 'vitest';

import type { S3DriverOptions } from '../options.ts';
import { s3Driver } from '../s3-driver.ts';
import { startFaultyProxy, type FaultyProxy } from './faulty-proxy.ts';
import { givenS3Server } from './given-server.ts';
import { startS3Server, type S3Server } from './s3-server.ts';

/**
 * Runs `tests` with a real S3 server: the one that the environment names, else versitygw. Where there is none they are
 * skipped, unless `BERTH_TEST_REQUIRE` names versitygw: then a test fails that says so.
 */
export async function withS3(env: TestEnvironment, tests: (server: () => S3Server) => void): Promise<void> {
  const given = givenS3Server(env);
  if (given) {
    describe(`with ${given.endpoint}`, { timeout: 120_000 }, () => tests(() => given));
    return;
  }
  const program = await findProgram('versitygw', env);
  if (program === undefined && isRequired('versitygw', env)) {
    test('versitygw is here, as BERTH_TEST_REQUIRE demands', () => {
      throw new Error('BERTH_TEST_REQUIRE names versitygw, but it is not on the PATH');
    });
  }
  describe.skipIf(program === undefined)('with versitygw', { timeout: 30_000 }, () => {
    let server: S3Server;
    beforeAll(async () => {
      server = await startS3Server(program ?? '');
    });
    afterAll(() => server.stop());
    tests(() => server);
  });
}

/** A bucket of this test alone, reached through a proxy that fails on command. */
export interface ProxiedS3 {
  readonly proxy: FaultyProxy;
  /** Of the driver; it tries twice, and parts have 5 MiB. */
  readonly options: S3DriverOptions;
  readonly driver: StorageDriver;
  /** The same bucket, past the proxy. */
  readonly direct: S3DriverOptions;
}

/** As {@link withS3}, with everything new for each test but the server. */
export async function withProxiedS3(env: TestEnvironment, tests: (s3: ProxiedS3) => void): Promise<void> {
  await withS3(env, (server) => {
    const s3 = {} as { -readonly [member in keyof ProxiedS3]: ProxiedS3[member] };
    beforeAll(async () => {
      s3.proxy = await startFaultyProxy(server().endpoint);
    });
    afterAll(() => s3.proxy.stop());
    beforeEach(async () => {
      s3.proxy.clear();
      s3.direct = { ...(await server().newBucket()), chunkSize: 5 * 1024 * 1024 };
      s3.options = { ...s3.direct, endpoint: s3.proxy.endpoint, attempts: 2 };
      s3.driver = s3Driver(s3.options);
    });
    tests(s3);
  });
}
