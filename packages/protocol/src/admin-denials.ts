import { adminRoute, type AdminRequest, type AdminRoute } from './admin.ts';
import type { AuditAction } from './audit-actions.ts';
import type { AuditLog } from './audit.ts';
import { OciError } from './errors.ts';
import type { RepositoryName } from './names.ts';

/** A row of the administration API that says what the audit calls it. */
export interface AuditedRoute extends AdminRoute {
  /** Of a call that does one thing or another, what it does mostly. */
  readonly action: AuditAction;
}

/** As `adminRoute`. */
export function auditedRoute<Body = undefined, Query = undefined>({
  action,
  ...route
}: AdminRoute<Body, Query> & Pick<AuditedRoute, 'action'>): AuditedRoute {
  return { ...adminRoute(route), action };
}

/** Why something that exists was not shown: the `cause` of a `NOT_FOUND`. */
class Hidden extends Error {
  override readonly name = 'Hidden';
}

/** `NOT_FOUND`, the same for what is missing and what is hidden; `hiddenBecause` goes to the audit only. */
export function notThere(message: string, hiddenBecause?: string): OciError {
  const cause = hiddenBecause === undefined ? {} : { cause: new Hidden(hiddenBecause) };
  return new OciError('NOT_FOUND', { message, ...cause });
}

/** {@link notThere}, of a repository. */
export function noSuchRepository(name: RepositoryName, hiddenBecause?: string): OciError {
  return notThere(`there is no repository ${name}`, hiddenBecause);
}

/** The same rows; what they deny or hide is recorded. */
export function withDenialsRecorded(audit: AuditLog, routes: readonly AuditedRoute[]): AdminRoute[] {
  return routes.map(({ action, ...route }) => ({
    ...route,
    handle: async (request) => {
      try {
        return await route.handle(request);
      } catch (error) {
        const reason = reasonOf(error);
        if (reason !== undefined) audit.record({ ...attempt(request), action, outcome: 'denied', reason });
        throw error;
      }
    },
  }));
}

function attempt({ actor: { name, address, credential }, params: { repository, ...others } }: AdminRequest) {
  const target = Object.values(others).join('/') || undefined;
  return { actor: name, address, credential, repository, target };
}

function reasonOf(error: unknown): string | undefined {
  if (!(error instanceof OciError)) return undefined;
  if (error.code === 'DENIED') return error.message;
  return error.cause instanceof Hidden ? error.cause.message : undefined;
}
