import type { S3Client } from '@aws-sdk/client-s3';

/**
 * Behind an answer to HEAD, Swift sends the end of a chunked body. Whoever uses the connection next takes it for an answer
 * that is none: it is asked again, on another connection.
 */
export function retryParseErrors(client: S3Client): void {
  client.middlewareStack.add(
    (next) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        throw isParseError(error) ? Object.assign(error, { $retryable: {} }) : error;
      }
    },
    { step: 'finalizeRequest', priority: 'low', name: 'retryParseErrors', override: true },
  );
}

/** Node's codes of its parser of HTTP, such as `HPE_INVALID_CONSTANT`. */
function isParseError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('HPE_');
}
