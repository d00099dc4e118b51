import type { IncomingMessage } from 'node:http';
import {
  catalogScope,
  isRepositoryName,
  repositoryScope,
  type Access,
  type AccessControl,
  type AuditEvent,
  type Credentials,
  type RepositoryFacts,
  type RepositoryName,
  type Scope,
  type TransactionalAuditLog,
} from '@berth/protocol';
import { authorizationOf, type Client } from '@berth/protocol/http';
import type { Writer } from './metadata/schema/tables.ts';
import type { Route } from './routes.ts';

export interface GateOptions {
  readonly accessControl: AccessControl;
  readonly audit: TransactionalAuditLog;
  /** The address of the client, and the origin under which it reached Berth. */
  readonly client: (request: IncomingMessage) => Client;
}

/** Finds out who asks, and writes down who was refused and what was changed. */
export class Gate {
  readonly #options: GateOptions;

  constructor(options: GateOptions) {
    this.#options = options;
  }

  /** Throws `UNAUTHORIZED` with a challenge for `needed`. */
  async authenticate(request: IncomingMessage, needed: readonly Scope[]): Promise<Access> {
    const { accessControl, client } = this.#options;
    return accessControl.authenticate(new RequestCredentials(request, client), needed);
  }

  async authenticateForCatalog(request: IncomingMessage): Promise<Access> {
    const access = await this.authenticate(request, [catalogScope]);
    if (!access.mayList()) throw access.challenge([catalogScope]);
    return access;
  }

  /** Throws the challenge where `access` does not give what the route needs. */
  check(
    request: IncomingMessage,
    access: Access,
    repository: RepositoryFacts,
    route: Route,
    needed: readonly Scope[],
  ) {
    const verdict = access.may(repository, route.needs);
    if (verdict.allowed) return;
    this.recordDenial(request, access, {
      action: `registry.${route.needs}`,
      repository,
      reason: verdict.reason,
    });
    throw access.challenge(needed);
  }

  recordDenial(request: IncomingMessage, access: Access, event: RegistryEvent): void {
    this.#options.audit.record({ ...this.#event(request, access, event), outcome: 'denied' });
  }

  /** In the transaction that makes the change. */
  async recordChange(
    trx: Writer,
    request: IncomingMessage,
    access: Access,
    event: RegistryEvent,
  ): Promise<void> {
    await this.#options.audit.recordIn(trx, { ...this.#event(request, access, event), outcome: 'done' });
  }

  #event(request: IncomingMessage, { account, credential }: Access, { repository, ...event }: RegistryEvent) {
    return {
      ...event,
      actor: account?.name ?? 'anonymous',
      address: this.#options.client(request).address,
      credential,
      repository: repository.name,
    };
  }
}

/** Address and origin are found out where they are asked for: most requests need neither. */
class RequestCredentials implements Credentials {
  readonly authorization: string | undefined;
  readonly #request: IncomingMessage;
  readonly #client: GateOptions['client'];

  constructor(request: IncomingMessage, client: GateOptions['client']) {
    this.authorization = authorizationOf(request);
    this.#request = request;
    this.#client = client;
  }

  get address(): string {
    return this.#client(this.#request).address;
  }

  get origin(): string {
    return this.#client(this.#request).origin;
  }
}

/** What the audit notes about a request, beside who made it. */
interface RegistryEvent extends Pick<AuditEvent, 'action' | 'target' | 'before' | 'after' | 'reason'> {
  readonly repository: RepositoryFacts;
}

/** A push needs `pull` too, and a mount needs `pull` on its source (rule 14). */
export function neededScopes(name: RepositoryName, { needs }: Route, query: URLSearchParams): Scope[] {
  if (needs !== 'push') return [repositoryScope(name, needs)];
  const from = query.get('from');
  const source =
    from !== null && from !== name && isRepositoryName(from) ? [repositoryScope(from, 'pull')] : [];
  return [repositoryScope(name, 'pull', 'push'), ...source];
}
