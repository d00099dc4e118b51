import type { RequestListener } from 'node:http';
import { OciError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { ClientGone } from './body.ts';
import { requireOne } from './one-header.ts';
import { errorReply, sendReply } from './reply.ts';
import { beginVisit, type Answer, type Visit } from './visit.ts';

export interface EdgeOptions {
  readonly logger: Logger;
  /** Turns an error that is no {@link OciError} into one, such as a database that cannot be read into `UNAVAILABLE`. */
  readonly translate?: ((error: unknown) => OciError | undefined) | undefined;
}

/**
 * The outermost of everything: gives each request an id, writes what `answer` answers and every error in the one shape,
 * and logs it. What nobody answered is 404.
 */
export function edge(options: EdgeOptions, answer: Answer): RequestListener {
  return (request, response) => {
    const visit = beginVisit(request, response);
    attend(visit, answer, options).catch((error: unknown) => {
      options.logger.error({ id: visit.id, error }, 'request failed while it was answered');
      response.destroy();
    });
  };
}

/** In the log only, as nginx has it: there was nobody to answer. */
const clientGone = 499;

/** Asked every few seconds by load balancers, and by the image itself: what is well is not worth a line. */
const probe = '/healthz';

async function attend(visit: Visit, answer: Answer, options: EdgeOptions): Promise<void> {
  const { request, response } = visit;
  const started = performance.now();
  let gone = false;
  try {
    // RFC 9112 section 3.2: 400, whether anything is made of them or not.
    requireOne(request, 'host', 'Host');
    const reply = await answer(visit);
    if (reply !== undefined) await sendReply(request, response, reply, visit.headers);
    else if (!response.headersSent) throw new OciError('NOT_FOUND', { message: 'no such address' });
  } catch (error) {
    gone = error instanceof ClientGone;
    if (gone) response.destroy();
    else await answerError(visit, error, options);
  }
  const milliseconds = Math.round(performance.now() - started);
  logRequest(options.logger, visit, gone ? clientGone : response.statusCode, milliseconds);
}

function logRequest(logger: Logger, { request, id, account }: Visit, status: number, milliseconds: number) {
  const { method } = request;
  const path = pathOf(request.url ?? '');
  const fields = { id, method, path, status, milliseconds };
  const level = path === probe && status === 200 ? 'debug' : 'info';
  logger[level](account === undefined ? fields : { ...fields, account }, 'request');
}

async function answerError(visit: Visit, error: unknown, { logger, translate }: EdgeOptions): Promise<void> {
  const { request, response, id, headers } = visit;
  const answer = toOciError(error, translate);
  if (answer.status >= 500) logger.error({ id, error }, 'request failed');
  if (response.headersSent) response.destroy();
  else await sendReply(request, response, errorReply(answer), headers);
}

/** Without the query: it may hold what a client should not have put there. */
function pathOf(url: string): string {
  const question = url.indexOf('?');
  return question < 0 ? url : url.slice(0, question);
}

function toOciError(error: unknown, translate: EdgeOptions['translate']): OciError {
  if (error instanceof OciError) return error;
  return (
    translate?.(error) ??
    new OciError('UNKNOWN', { message: 'internal error; the log has more under the id in X-Request-Id' })
  );
}
