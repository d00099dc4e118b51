import type { Migrations } from '@berth/database';
import { createAccessGrant } from './access-grant.ts';
import { createAudit, indexAuditByTime } from './audit.ts';
import { createCredential } from './credential.ts';
import { indexGrantAuthor } from './grant-author.ts';
import { createPolicyChange } from './policy-change.ts';
import { createSigningKey } from './signing-key.ts';
import { createSubject } from './subject.ts';
import { createTeamMember } from './team-member.ts';

/** In their order; a released one never changes. */
export const migrations: Migrations = {
  '0001-subject': createSubject,
  '0002-team-member': createTeamMember,
  '0003-credential': createCredential,
  '0004-access-grant': createAccessGrant,
  '0005-signing-key': createSigningKey,
  '0006-audit': createAudit,
  '0007-policy-change': createPolicyChange,
  '0008-grant-author': indexGrantAuthor,
  '0009-audit-by-time': indexAuditByTime,
};
