import type { AdminRoute } from '@berth/protocol';
import { auditRoutes } from './audit.ts';
import type { AdminContext } from './context.ts';
import { withDenialsRecorded } from './denials.ts';
import { grantRoutes } from './grants.ts';
import { meRoutes } from './me.ts';
import { memberRoutes } from './members.ts';
import { personalTokenRoutes } from './personal-tokens.ts';
import { robotRoutes } from './robots.ts';
import { teamRoutes } from './teams.ts';
import { userRoutes } from './users.ts';

/** Identities and grants, and `more` rows, with what they deny recorded. */
export function administrationRoutes(context: AdminContext, more: readonly AdminRoute[] = []): AdminRoute[] {
  return withDenialsRecorded(context.audit, [
    ...meRoutes(context),
    ...userRoutes(context),
    ...teamRoutes(context),
    ...memberRoutes(context),
    ...robotRoutes(context),
    ...personalTokenRoutes(context),
    ...grantRoutes(context),
    ...auditRoutes(context),
    ...more,
  ]);
}
