import { administration } from './administration.table.ts';
import { blobs } from './blobs.table.ts';
import { conditions } from './conditions.table.ts';
import { absoluteLocations, deletionOff, sparse } from './configured.table.ts';
import { doors } from './doors.table.ts';
import { lists } from './lists.table.ts';
import { logins } from './logins.table.ts';
import { manifests } from './manifests.table.ts';
import { mounting } from './mounts.table.ts';
import { readOnly } from './read-only.table.ts';
import type { Table } from './row.ts';
import { scoped } from './scopes.table.ts';
import { tagging } from './tagging.table.ts';
import { tokens } from './tokens.table.ts';
import { uploading } from './uploads.table.ts';

export const tables: readonly Table[] = [
  doors,
  scoped,
  manifests,
  tagging,
  blobs,
  uploading,
  mounting,
  conditions,
  lists,
  tokens,
  logins,
  administration,
  deletionOff,
  sparse,
  absoluteLocations,
  readOnly,
];
