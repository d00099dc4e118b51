import type { AccessGrantTable } from './access-grant.ts';
import type { AuditTable } from './audit.ts';
import type { CredentialTable } from './credential.ts';
import type { PolicyChangeTable } from './policy-change.ts';
import type { SigningKeyTable } from './signing-key.ts';
import type { SubjectTable } from './subject.ts';
import type { TeamMemberTable } from './team-member.ts';

/** Tables of the token server. Times are milliseconds since 1970, booleans 0 or 1, lists JSON. */
export interface TokenServerTables {
  subject: SubjectTable;
  team_member: TeamMemberTable;
  credential: CredentialTable;
  access_grant: AccessGrantTable;
  signing_key: SigningKeyTable;
  audit: AuditTable;
  policy_change: PolicyChangeTable;
}
