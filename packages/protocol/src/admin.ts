import type { z } from 'zod';
import type { Access, Account, Credentials } from './access.ts';
import { OciError } from './errors.ts';

/** Who changes or reads something through the administration API. */
export interface Actor {
  /** Name of the account; `local` for the command line on the machine itself. */
  readonly name: string;
  /** `null` for `local`. */
  readonly account: Account | null;
  readonly admin: boolean;
  /** A narrowed personal access token: it reads what it may pull, and makes or changes nothing. */
  readonly narrowed: boolean;
  /** What the actor may do to repositories today. */
  readonly access: Access;
  /** Address of the client; empty for `local`. */
  readonly address: string;
  /** Id of the personal access token that was used. */
  readonly credential?: string | undefined;
}

/** Throws `DENIED` for a narrowed token: it reads what it may pull, and nothing else. */
export function requireFull({ narrowed }: Actor): void {
  if (narrowed)
    throw new OciError('DENIED', { message: 'a personal access token with limits may not do this' });
}

/** Throws `DENIED`, before anything is looked up: the answer tells nothing. */
export function requireAdmin(actor: Actor): void {
  requireFull(actor);
  if (!actor.admin) throw new OciError('DENIED', { message: 'only administrators may do this' });
}

/** Finds out who asks. Throws `UNAUTHORIZED` without good credentials. */
export type Identify = (credentials: Credentials) => Promise<Actor>;

export interface AdminRequest<Body = unknown, Query = unknown> {
  readonly actor: Actor;
  /** Decoded parts of the path, by their names in {@link AdminRoute.path}. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: Body;
}

export interface AdminReply {
  /** Default 200, or 204 where there is no body. */
  readonly status?: number;
  readonly body?: unknown;
}

/** One row of the administration API: it validates requests, and the OpenAPI document is made from it. */
export interface AdminRoute<Body = unknown, Query = unknown> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below `/api/v1`; `:name` is one segment, `*name` any number of them: `/repositories/*repository/-/tags`. */
  readonly path: string;
  readonly summary: string;
  readonly body?: z.ZodType<Body>;
  readonly query?: z.ZodType<Query>;
  /** What a 2xx answer holds. */
  readonly response?: z.ZodType;
  handle(request: AdminRequest<Body, Query>): Promise<AdminReply>;
}

/** Gives a row the types of its own schemas. */
export function adminRoute<Body = undefined, Query = undefined>(route: AdminRoute<Body, Query>): AdminRoute {
  return route as unknown as AdminRoute;
}
