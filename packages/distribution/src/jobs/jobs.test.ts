import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openFixture, type Fixture } from '../testing/fixture.ts';
import { Jobs, type JobControl, type NewJob } from './jobs.ts';

let fixture: Fixture;
let jobs: Jobs;
/** What another process would have. */
let elsewhere: Jobs;

beforeEach(async () => {
  fixture = await openFixture();
  jobs = new Jobs(fixture.context);
  elsewhere = new Jobs(fixture.context);
});

afterEach(async () => {
  await Promise.all([jobs.stop(), elsewhere.stop()]);
  await fixture.close();
});

/** Longer than a job whose process died keeps others from theirs, in milliseconds. */
const lapse = 11_000;

const conflict = expect.objectContaining({ code: 'CONFLICT' });

const jobOf = (run: NewJob['run']): NewJob => ({ kind: 'test', options: {}, startedBy: 'somebody', run });

/** It tells what it has done so far when it is stopped, or throws what stopped it. */
const untilStopped = ({ throws = false } = {}) =>
  jobOf(async ({ signal, report }: JobControl) => {
    report({ steps: 1 });
    while (!signal.aborted) await sleep(5);
    if (throws) signal.throwIfAborted();
    return { steps: 2 };
  });

const stateOf = async (id: string) => (await jobs.find(id))?.state;

async function ended(id: string): Promise<void> {
  while ((await stateOf(id)) === 'running') await sleep(5);
}

describe('a job', () => {
  test('ends with its report', async () => {
    const { id } = await jobs.start(jobOf(async () => ({ done: 1 })));
    await ended(id);
    expect(await elsewhere.find(id)).toMatchObject({ state: 'done', report: { done: 1 }, error: null });
  });

  test('fails with words for people, and another one may begin', async () => {
    const { id } = await jobs.start(jobOf(() => Promise.reject(new Error('no disk'))));
    await ended(id);
    expect(await jobs.find(id)).toMatchObject({ state: 'failed', error: 'no disk' });
    await ended((await jobs.start(jobOf(async () => ({})))).id);
  });

  test.for([
    [false, { steps: 2 }],
    [true, { steps: 1 }],
  ] as const)('that is stopped has stopped, and did not fail; it throws: %s', async ([throws, report]) => {
    const { id } = await jobs.start(untilStopped({ throws }));
    await jobs.stop();
    expect(await jobs.find(id)).toMatchObject({ state: 'stopped', report, error: null });
  });
});

test('what a job says in the end is not overwritten by what it said last', async () => {
  const done = Promise.withResolvers<object>();
  const { id } = await jobs.start(
    jobOf(async ({ report }) => {
      report({ steps: 1 });
      return done.promise;
    }),
  );
  const slow = new Promise((resolve) => {
    fixture.interruptions.beforeNth(1, () => {
      done.resolve({ steps: 2 });
      const waited = sleep(100);
      resolve(waited);
      return waited;
    });
  });
  await slow;
  await ended(id);
  await sleep(50);
  expect(await jobs.find(id)).toMatchObject({ state: 'done', report: { steps: 2 } });
  await ended((await elsewhere.start(jobOf(async () => ({})))).id);
});

test('the last hundred jobs are remembered', async () => {
  const ids: string[] = [];
  for (let count = 0; count < 102; count += 1) {
    fixture.pass(1);
    const { id } = await jobs.start(jobOf(async () => ({})));
    await ended(id);
    ids.push(id);
  }
  expect((await jobs.list()).map(({ id }) => id)).toEqual(ids.slice(2).toReversed());
});

describe('one job at a time', () => {
  test('in one process, and among all', async () => {
    await jobs.start(untilStopped());
    await expect(jobs.start(untilStopped())).rejects.toThrow(conflict);
    await expect(elsewhere.start(untilStopped())).rejects.toThrow(conflict);
  });

  test('in one process, also where it is too busy to hold its lease', async () => {
    await jobs.start(untilStopped());
    fixture.pass(lapse);
    await expect(jobs.start(untilStopped())).rejects.toThrow(conflict);
  });

  test('whose process did nothing for long stops when it finds that another one runs', async () => {
    const told = Promise.withResolvers<void>();
    const first = jobOf(async ({ signal }) => {
      signal.addEventListener('abort', () => told.resolve());
      await told.promise;
      return {};
    });
    const { id } = await jobs.start(first);
    fixture.pass(lapse);
    const later = await elsewhere.start(untilStopped());
    await told.promise;
    await jobs.stop();
    expect(await stateOf(id)).toBe('stopped');
    expect(await stateOf(later.id)).toBe('running');
    await expect(jobs.start(untilStopped())).rejects.toThrow(conflict);
  });
});
