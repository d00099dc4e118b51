import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';

import { wideAgents } from './body/agents.ts';
import { addContentMd5 } from './content-md5.ts';
import { DEFAULT_ATTEMPTS, DEFAULT_IDLE_TIMEOUT, type S3DriverOptions } from './options.ts';
import { retryParseErrors } from './parse-errors.ts';

const CONNECTION_TIMEOUT = 10_000;
/** Sockets that are open at once; who comes later waits. */
const MOST_SOCKETS = 256;

/** The client of the SDK. `endpoint` is another one than that of the options where URLs are signed for it. */
export function s3Client(options: S3DriverOptions, endpoint = options.endpoint): S3Client {
  const client = new S3Client({
    ...addressOf(options, endpoint),
    ...(options.credentials && { credentials: options.credentials }),
    maxAttempts: options.attempts ?? DEFAULT_ATTEMPTS,
    retryMode: 'standard',
    // Else each upload would carry a checksum that servers other than Amazon's do not know.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // The SDK waits for the answer only on connections of its own, which know nothing of TLS and of the limit below.
    expectContinueHeader: false,
    ...(options.userAgent && { customUserAgent: options.userAgent }),
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT,
      socketTimeout: options.idleTimeout ?? DEFAULT_IDLE_TIMEOUT,
      ...wideAgents(
        { keepAlive: true, maxSockets: MOST_SOCKETS },
        { rejectUnauthorized: options.skipVerify !== true },
      ),
    },
  });
  addContentMd5(client);
  retryParseErrors(client);
  return client;
}

function addressOf(options: S3DriverOptions, endpoint: string | undefined): S3ClientConfig {
  const { region, secure = true, useDualStack, accelerate, useFipsEndpoint } = options;
  return {
    ...(endpoint ? { endpoint: withScheme(endpoint, secure) } : { tls: secure }),
    ...(region ? { region } : endpoint ? { region: 'us-east-1' } : {}),
    forcePathStyle: options.forcePathStyle ?? endpoint !== undefined,
    followRegionRedirects: endpoint === undefined,
    ...(useDualStack && { useDualstackEndpoint: true }),
    ...(accelerate && { useAccelerateEndpoint: true }),
    ...(useFipsEndpoint && { useFipsEndpoint: true }),
  };
}

function withScheme(endpoint: string, secure: boolean): string {
  if (/^https?:\/\//i.test(endpoint)) return endpoint;
  return `${secure ? 'https' : 'http'}://${endpoint}`;
}
