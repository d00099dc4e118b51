import { OciError } from '@berth/protocol';
import type { Middleware } from 'koa';

/** What answers below `/v2/` where Berth is a token server alone (`storage: none`). */
export const noRegistry: Middleware = async ({ path }, next) => {
  if (path !== '/v2' && !path.startsWith('/v2/')) return next();
  throw new OciError('NOT_FOUND', {
    message:
      'this is a token server only (storage: none) and no registry: push to and pull from the registry that its tokens are for',
  });
};

/** To who asks the administration API for repositories there. */
export const noRepositories =
  'no such address in the administration API of a token server only (storage: none): it has no repositories, these are in the ' +
  'registry that its tokens are for';
