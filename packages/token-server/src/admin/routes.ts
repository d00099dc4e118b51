import { withDenialsRecorded, type AdminRoute } from '@berth/protocol';
import type { Keys } from '../tokens/keys.ts';
import { auditRoutes } from './audit.ts';
import type { AdminContext } from './context.ts';
import { explainRoutes, type ExplainContext } from './explain.ts';
import { grantRoutes } from './grants.ts';
import { keyRoutes } from './keys.ts';
import { meRoutes } from './me.ts';
import { memberRoutes } from './members.ts';
import { personalTokenRoutes } from './personal-tokens.ts';
import { repositoryAccessRoutes } from './repository-access.ts';
import { robotRoutes } from './robots.ts';
import { teamRoutes } from './teams.ts';
import { userRoutes } from './users.ts';

export interface AdministrationOptions extends AdminContext, ExplainContext {
  readonly keys: Keys;
}

/** Every row of the token server, with what they deny recorded. */
export function administrationRoutes(context: AdministrationOptions): AdminRoute[] {
  const { registry } = context;
  return withDenialsRecorded(context.audit, [
    ...meRoutes(context),
    ...userRoutes(context),
    ...teamRoutes(context),
    ...memberRoutes(context),
    ...robotRoutes(context),
    ...personalTokenRoutes(context),
    ...grantRoutes(context),
    ...auditRoutes(context),
    ...explainRoutes(context),
    ...(registry === undefined ? [] : repositoryAccessRoutes({ ...context, registry })),
    ...keyRoutes(context.keys),
  ]);
}
