import { OciError, type AdminRequest, type AdminRoute, type AuditLog } from '@berth/protocol';
import { by } from './context.ts';
import { Hidden } from './permission.ts';

/** The same rows; what they deny or hide is recorded. */
export function withDenialsRecorded(audit: AuditLog, routes: readonly AdminRoute[]): AdminRoute[] {
  return routes.map((route) => ({
    ...route,
    handle: async (request) => {
      try {
        return await route.handle(request);
      } catch (error) {
        record(audit, route, request, error);
        throw error;
      }
    },
  }));
}

function record(audit: AuditLog, { method, path }: AdminRoute, request: AdminRequest, error: unknown): void {
  const reason = reasonOf(error);
  if (reason === undefined) return;
  const target = Object.values(request.params).join('/') || undefined;
  audit.record({ ...by(request.actor), action: `${method} ${path}`, outcome: 'denied', target, reason });
}

function reasonOf(error: unknown): string | undefined {
  if (!(error instanceof OciError)) return undefined;
  if (error.code === 'DENIED') return error.message;
  return error.cause instanceof Hidden ? error.cause.message : undefined;
}
