import type { Migration } from '@berth/database';

/**
 * Users, teams and robots in one table, since they share one space of names. An id is never used again, so that a name
 * that is deleted and made again inherits nothing.
 */
export interface SubjectTable {
  id: string;
  /** One component of a repository name. */
  name: string;
  kind: 'user' | 'team' | 'robot';
  created_at: number;
  created_by: string;
  /** 1: may not log in, and its tokens end. Users and robots. */
  disabled: number;
  /** Moved by a new password: tokens and refresh tokens of an older one end. */
  epoch: number;
  /** 1: owns every repository and administers Berth. Users only. */
  admin: number;
  /** Users only. */
  email: string | null;
  /** argon2id in PHC string format, or an imported bcrypt hash; null: no login by password. Users only. */
  password_hash: string | null;
  /** The pattern that owns a robot: who has `admin` on it manages the robot. Robots only. */
  pattern: string | null;
}

export const createSubject: Migration = {
  async up(db) {
    await db.schema
      .createTable('subject')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('name', 'text', (column) => column.notNull().unique())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('created_by', 'text', (column) => column.notNull())
      .addColumn('disabled', 'integer', (column) => column.notNull().defaultTo(0))
      .addColumn('epoch', 'integer', (column) => column.notNull().defaultTo(0))
      .addColumn('admin', 'integer', (column) => column.notNull().defaultTo(0))
      .addColumn('email', 'text')
      .addColumn('password_hash', 'text')
      .addColumn('pattern', 'text')
      .execute();
    await db.schema.createIndex('subject_kind_name').on('subject').columns(['kind', 'name']).execute();
  },
};
