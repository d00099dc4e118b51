import type Koa from 'koa';
import type { Context } from 'koa';
import type { Answer, Visit } from './visit.ts';

/**
 * The middlewares of `app` behind the edge. They write to the response themselves, throw what went wrong, and put the
 * name of the account into `ctx.state.account`.
 */
export function throughKoa(app: Koa): Answer {
  const run = (app as Composer).compose(app.middleware);
  return async (visit) => {
    const { request, response } = visit;
    setHeaders(visit);
    const ctx = app.createContext(request, response);
    try {
      await run(ctx);
    } finally {
      visit.account = ctx.state['account'];
    }
    return undefined;
  };
}

/** What Koa 3 has and its types do not. */
interface Composer extends Koa {
  compose(middlewares: Koa['middleware']): (context: Context) => Promise<void>;
}

function setHeaders({ headers, response }: Visit): void {
  for (let at = 0; at + 1 < headers.length; at += 2)
    response.setHeader(headers[at] ?? '', headers[at + 1] ?? '');
}
