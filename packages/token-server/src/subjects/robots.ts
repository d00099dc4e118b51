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

/** Whether a robot belongs to a pattern below `<segment>/`. */
export async function hasRobotBelow(db: Queries, segment: string): Promise<boolean> {
  return (await selectBelow(db, segment).select('id').executeTakeFirst()) !== undefined;
}

/** In the order of their names. */
export async function robotsBelow(db: Queries, segment: string): Promise<SubjectRow[]> {
  return selectBelow(db, segment).selectAll().orderBy('name').execute();
}

/** Those of the repository of that name too. */
export async function countRobotsBelow(db: Queries, segment: string): Promise<number> {
  const { count } = await db
    .selectFrom('subject')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('kind', '=', 'robot')
    .where((eb) =>
      eb.or([
        eb('pattern', '=', segment),
        eb.and([eb('pattern', '>=', `${segment}/`), eb('pattern', '<', `${segment}0`)]),
      ]),
    )
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** `0` is the character after `/`. */
function selectBelow(db: Queries, segment: string) {
  return db
    .selectFrom('subject')
    .where('kind', '=', 'robot')
    .where('pattern', '>=', `${segment}/`)
    .where('pattern', '<', `${segment}0`);
}
