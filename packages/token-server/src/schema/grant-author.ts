import type { Migration } from '@berth/database';

/** How many grants somebody has made is asked at each that he makes. */
export const indexGrantAuthor: Migration = {
  async up(db) {
    await db.schema
      .createIndex('access_grant_author')
      .on('access_grant')
      .columns(['created_by', 'by_admin'])
      .execute();
  },
};
