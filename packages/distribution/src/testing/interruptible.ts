import { DatabaseError, type Database } from '@berth/database';

export interface Interruptions {
  /** Fails the `nth` transaction from now on before it begins; 1 is the next one. */
  failNth(nth: number): void;
  /** Runs `work` before the `nth` transaction from now on; 1 is the next one. */
  beforeNth(nth: number, work: () => Promise<unknown>): void;
  /** From now on nothing fails. */
  clear(): void;
  /** How many have not come to pass; a test ends with 0, or it did not test what it meant to. */
  readonly pending: number;
}

interface Planned {
  left: number;
  readonly work: () => Promise<unknown>;
}

/** `database`, and the switch that lets something happen between two of its transactions. */
export function interruptible<Schema>(database: Database<Schema>): {
  database: Database<Schema>;
  interruptions: Interruptions;
} {
  let planned: Planned[] = [];
  const meet = async () => {
    for (const one of planned) one.left -= 1;
    const due = planned.filter(({ left }) => left === 0);
    planned = planned.filter(({ left }) => left > 0);
    for (const { work } of due) await work();
  };
  const transaction: Database<Schema>['transaction'] = async (work, options) => {
    await meet();
    return database.transaction(work, options);
  };
  const wrapped = new Proxy(database, {
    get(target, member) {
      if (member === 'transaction') return transaction;
      const value: unknown = Reflect.get(target, member);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  const beforeNth = (left: number, work: () => Promise<unknown>) => void planned.push({ left, work });
  return {
    database: wrapped,
    interruptions: {
      beforeNth,
      failNth: (nth) => beforeNth(nth, () => Promise.reject(failure())),
      clear: () => (planned = []),
      get pending() {
        return planned.length;
      },
    },
  };
}

function failure(): DatabaseError {
  return new DatabaseError('IO_ERROR', 'a failure was planned here');
}
