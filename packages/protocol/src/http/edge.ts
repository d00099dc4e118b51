import { randomUUID } from 'node:crypto';
import type { Context, Middleware } from 'koa';
import { OciError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { ClientGone } from './body.ts';
import { errorReply, sendReply } from './reply.ts';

export interface EdgeOptions {
  readonly logger: Logger;
  /** Turns an error that is no {@link OciError} into one, such as a database that cannot be read into `UNAVAILABLE`. */
  readonly translate?: ((error: unknown) => OciError | undefined) | undefined;
}

/**
 * The outermost middleware: gives each request an id, writes every error in the one shape, and logs what was answered.
 * What no later middleware answered is 404. Handlers below write to the response themselves.
 */
export function edge({ logger, translate }: EdgeOptions): Middleware {
  return async (ctx, next) => {
    const { req, res } = ctx;
    const started = performance.now();
    const id = randomUUID();
    ctx.respond = false;
    ctx.state.requestId = id;
    res.setHeader('x-request-id', id);
    res.setHeader('x-content-type-options', 'nosniff');
    try {
      await next();
      if (!res.headersSent) throw new OciError('NOT_FOUND', { message: 'no such address' });
    } catch (error) {
      await answerError(ctx, error, { logger, translate });
    }
    const { account, gone } = ctx.state;
    logger.info(
      {
        id,
        method: req.method,
        path: pathOf(req.url ?? ''),
        status: gone === true ? clientGone : res.statusCode,
        milliseconds: Math.round(performance.now() - started),
        ...(account !== undefined && { account }),
      },
      'request',
    );
  };
}

/** In the log only, as nginx has it: there was nobody to answer. */
const clientGone = 499;

async function answerError(ctx: Context, error: unknown, { logger, translate }: EdgeOptions): Promise<void> {
  const { req, res, state } = ctx;
  if (error instanceof ClientGone) {
    state['gone'] = true;
    res.destroy();
    return;
  }
  const answer = toOciError(error, translate);
  if (answer.status >= 500) logger.error({ id: state['requestId'], error }, 'request failed');
  if (res.headersSent) res.destroy();
  else await sendReply(req, res, errorReply(answer));
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
