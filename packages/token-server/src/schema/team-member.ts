import type { Migration } from '@berth/database';

export interface TeamMemberTable {
  team_id: string;
  user_id: string;
}

export const createTeamMember: Migration = {
  async up(db) {
    await db.schema
      .createTable('team_member')
      .addColumn('team_id', 'text', (column) => column.notNull().references('subject.id').onDelete('cascade'))
      .addColumn('user_id', 'text', (column) => column.notNull().references('subject.id').onDelete('cascade'))
      .addPrimaryKeyConstraint('team_member_key', ['team_id', 'user_id'])
      .execute();
    await db.schema.createIndex('team_member_user').on('team_member').column('user_id').execute();
  },
};
