/** `usage`: the command was written wrongly; `refused`: the server said no; `unreachable`: there was no good answer. */
export type CommandErrorCode = 'usage' | 'refused' | 'unreachable';

/** Ends a command with one clear line for the person who typed it. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly code: CommandErrorCode;

  constructor(code: CommandErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  get exitCode(): number {
    return this.code === 'usage' ? 2 : 1;
  }
}

export function usageError(message: string): CommandError {
  return new CommandError('usage', message);
}
