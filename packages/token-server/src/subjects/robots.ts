import type { Queries, TokenTransaction } from '../database.ts';
import { insertSubject, updateSubject, type SubjectRow } from './subjects.ts';

export interface NewRobot {
  readonly name: string;
  /** In text: who has `admin` on it manages the robot. */
  readonly pattern: string;
  readonly createdBy: string;
}

export interface RobotChanges {
  readonly pattern?: string | undefined;
  readonly disabled?: boolean | undefined;
}

export async function insertRobot(trx: TokenTransaction, robot: NewRobot): Promise<SubjectRow> {
  const { name, pattern, createdBy } = robot;
  return insertSubject(trx, { name, kind: 'robot', created_by: createdBy, pattern });
}

export async function updateRobot(
  trx: TokenTransaction,
  robot: SubjectRow,
  { pattern, disabled }: RobotChanges,
): Promise<SubjectRow> {
  return updateSubject(trx, robot.id, {
    pattern: pattern ?? robot.pattern,
    disabled: disabled === undefined ? robot.disabled : Number(disabled),
  });
}

/** Whether a robot belongs to a pattern below `<segment>/`, or to one that names it. */
export async function hasRobotBelow(db: Queries, segment: string): Promise<boolean> {
  const row = await db
    .selectFrom('subject')
    .select('id')
    .where('kind', '=', 'robot')
    .where('pattern', '>=', `${segment}/`)
    .where('pattern', '<', `${segment}0`)
    .executeTakeFirst();
  return row !== undefined;
}
