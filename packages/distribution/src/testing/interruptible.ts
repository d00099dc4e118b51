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
  const wrapped: Database<Schema> = {
    reader: database.reader,
    async transaction(work) {
      await meet();
      return database.transaction(work);
    },
    migrate: (owner, migrations) => database.migrate(owner, migrations),
    as: <Other>() => wrapped as unknown as Database<Other>,
    close: () => database.close(),
  };
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
