import type { CommandOption } from '../define.ts';

/** The API refuses a name under which others have left something, unless one says that this is meant. */
export const handoverOption: CommandOption = [
  '--handover',
  'also where repositories, grants or robots below that name exist: they come with it',
];
