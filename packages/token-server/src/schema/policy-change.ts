import type { Migration } from '@berth/database';

/**
 * Whose rights the latest moves of the policy version touched. A version without a row counts as everybody: to forget to
 * say it costs time, and never keeps a right alive.
 */
export interface PolicyChangeTable {
  version: number;
  /** Id of a user, a team or a robot; `authenticated` or `anonymous`. */
  subject: string;
}

export const createPolicyChange: Migration = {
  async up(db) {
    await db.schema
      .createTable('policy_change')
      .addColumn('version', 'integer', (column) => column.notNull())
      .addColumn('subject', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('policy_change_key', ['version', 'subject'])
      .execute();
  },
};
