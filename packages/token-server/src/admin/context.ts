import type { Actor, AuditLog } from '@berth/protocol';
import type { PasswordHasher } from '../credentials/password-hash.ts';
import type { TokenDatabase } from '../database.ts';
import type { Principals } from '../policy/principal.ts';
import type { NameRules } from '../subjects/names.ts';

/** What the administration of identities works with. */
export interface AdminContext {
  readonly database: TokenDatabase;
  readonly audit: AuditLog;
  readonly principals: Principals;
  readonly hasher: PasswordHasher;
  readonly names: NameRules;
}

/** The part of an audit event that says who. */
export function by({ name, address, credential }: Actor) {
  return { actor: name, address, credential };
}
