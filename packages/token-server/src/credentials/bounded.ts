import { OciError } from '@berth/protocol';

export interface BoundedOptions {
  /** How many run at the same time. */
  readonly atOnce: number;
  /** How many may wait beside them. */
  readonly waiting: number;
}

/** Runs `work` when its turn comes. Throws `TOOMANYREQUESTS` with `Retry-After` where too many wait already. */
export type Bounded = <Result>(work: () => Promise<Result>) => Promise<Result>;

export function createBounded({ atOnce, waiting }: BoundedOptions): Bounded {
  const queue: (() => void)[] = [];
  let running = 0;
  const turn = () => {
    if (running < atOnce) {
      running += 1;
      return Promise.resolve();
    }
    if (queue.length >= waiting) throw tooMany();
    return new Promise<void>((resolve) => void queue.push(resolve));
  };
  /** The place goes to the next in the queue, if there is one, and `running` stays. */
  const leave = () => {
    const next = queue.shift();
    if (next === undefined) running -= 1;
    else next();
  };
  return async (work) => {
    await turn();
    try {
      return await work();
    } finally {
      leave();
    }
  };
}

function tooMany(): OciError {
  return new OciError('TOOMANYREQUESTS', {
    message: 'too many logins at once, try again',
    headers: { 'Retry-After': '2' },
  });
}
