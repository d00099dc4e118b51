import type { Queries, TokenTransaction } from '../database.ts';
import { isBelow, isWithin } from './namespace.ts';
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

/** Whether a robot belongs to a pattern below `<namespace>/`. */
export async function hasRobotBelow(db: Queries, namespace: string): Promise<boolean> {
  return (await selectBelow(db, namespace).select('id').executeTakeFirst()) !== undefined;
}

/** In the order of their names. */
export async function robotsBelow(db: Queries, namespace: string): Promise<SubjectRow[]> {
  return selectBelow(db, namespace).selectAll().orderBy('name').execute();
}

/** Those of the repository of that name too. */
export async function countRobotsWithin(db: Queries, namespace: string): Promise<number> {
  const { count } = await db
    .selectFrom('subject')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('kind', '=', 'robot')
    .where(isWithin('pattern', namespace))
    .executeTakeFirstOrThrow();
  return Number(count);
}

function selectBelow(db: Queries, namespace: string) {
  return db.selectFrom('subject').where('kind', '=', 'robot').where(isBelow('pattern', namespace));
}
