import { z } from 'zod';
import { CommandError } from './errors.ts';

/** An answer of the administration API, before anybody looked into it. */
export interface RawAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly location?: string | undefined;
  readonly text: string;
}

const errorBody = z.object({ errors: z.array(z.object({ message: z.string() })).min(1) });

/**
 * What the answer holds, `undefined` for an empty one. Throws `CommandError` for an error, with the server's own
 * message, and for what no Berth says; `where` names the server in that case.
 */
export function readAnswer(answer: RawAnswer, where: string): unknown {
  const { status, location, text } = answer;
  if (status >= 300 && status < 400) {
    throw new CommandError(
      'unreachable',
      `${where} sends on to ${location ?? 'another address'}: use that as --server`,
    );
  }
  const value = text === '' ? undefined : parseJson(answer, where);
  if (status < 300) return value;
  const parsed = errorBody.safeParse(value);
  if (!parsed.success) throw notBerth(answer, where);
  throw new CommandError('refused', parsed.data.errors.map(({ message }) => message).join('; '));
}

/** The answer in the shape that a command prints from. Throws `CommandError` where it has another one. */
export function shaped<T>(shape: z.ZodType<T>, value: unknown): T {
  const parsed = shape.safeParse(value);
  if (parsed.success) return parsed.data;
  const field = parsed.error.issues[0]?.path.join('.') || 'answer';
  throw new CommandError(
    'unreachable',
    `the server answered in another shape than expected (${field}): is it another version of Berth?`,
    { cause: parsed.error },
  );
}

function parseJson(answer: RawAnswer, where: string): unknown {
  try {
    return JSON.parse(answer.text) as unknown;
  } catch (error) {
    throw notBerth(answer, where, error);
  }
}

function notBerth({ status, contentType }: RawAnswer, where: string, cause?: unknown): CommandError {
  const kind = contentType === '' ? '' : ` with ${contentType}`;
  return new CommandError('unreachable', `${where} is no Berth: it answered ${status}${kind}`, { cause });
}
