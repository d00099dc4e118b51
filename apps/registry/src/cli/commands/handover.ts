import type { CommandOption } from '../define.ts';

/** The API refuses a name under which others have left something, unless one says that this is meant. */
export const handoverToUser: CommandOption = [
  '--handover',
  'also where repositories, grants or robots below that name exist: they come with it',
];

/** A team owns nothing by its name, but people think so. */
export const handoverToTeam: CommandOption = [
  '--handover',
  'also where repositories, grants or robots below that name exist; they stay as they are',
];
