import { setTimeout as wait } from 'node:timers/promises';

import { adoptsInPlace, canSweep, hasSignedUrls, type SignedUrlOptions } from '../capabilities.ts';
import { checkedDriver } from '../checked-driver.ts';
import type { FileWriter, StorageDriver, StorageOptions } from '../driver.ts';
import { StorageError } from '../errors.ts';
import { FaultPlan, type Fault, type FaultMember, type Faults } from './faults.ts';

/** `inner`, and the switch that makes it fail. Without a planned fault it passes the suite as `inner` does. */
export function faultDriver(inner: StorageDriver): { driver: StorageDriver; faults: Faults } {
  const plan = new FaultPlan();
  return { driver: checkedDriver(failingDriver(inner, plan)), faults: plan };
}

function failingDriver(inner: StorageDriver, plan: FaultPlan): StorageDriver {
  return {
    ...failingCapabilities(inner, plan),

    async stat(path, options) {
      await pass(plan, 'stat', path, options);
      return inner.stat(path, options);
    },

    async *read(path, options) {
      const cut = await meet(plan, 'read', path, options);
      if (cut && cut.cutAfter === undefined) throw errorOf(cut, path);
      yield* cut ? cutShort(inner.read(path, options), cut, path) : inner.read(path, options);
    },

    async append(path, options) {
      await pass(plan, 'append', path, options);
      return failingWriter(await inner.append(path, options), path, { inner, plan });
    },

    async move(from, to, options) {
      await pass(plan, 'move', from, options);
      await inner.move(from, to, options);
    },

    async delete(path, options) {
      await pass(plan, 'delete', path, options);
      await inner.delete(path, options);
    },

    async *list(prefix, options) {
      await pass(plan, 'list', prefix, options);
      yield* inner.list(prefix, options);
    },
  };
}

function failingCapabilities(inner: StorageDriver, plan: FaultPlan) {
  return {
    ...(adoptsInPlace(inner) && { adoptInPlace: true as const }),

    ...(hasSignedUrls(inner) && {
      async signedUrl(path: string, options: SignedUrlOptions) {
        await pass(plan, 'signedUrl', path, options);
        return inner.signedUrl(path, options);
      },
    }),

    ...(canSweep(inner) && {
      async sweep(prefix: string, before: Date, options?: StorageOptions) {
        await pass(plan, 'sweep', prefix, options);
        return inner.sweep(prefix, before, options);
      },
    }),
  };
}

interface Surroundings {
  readonly inner: StorageDriver;
  readonly plan: FaultPlan;
}

function failingWriter(writer: FileWriter, path: string, { inner, plan }: Surroundings): FileWriter {
  return {
    get size() {
      return writer.size;
    },

    async write(chunk) {
      const fault = await meet(plan, 'write', path);
      await writer.write(fault ? chunk.subarray(0, fault.cutAfter ?? 0) : chunk);
      if (fault) throw errorOf(fault, path);
    },

    async close(options) {
      const fault = await meet(plan, 'close', path);
      await writer.close(options);
      if (!fault) return;
      if (options?.sync) await inner.delete(path);
      throw errorOf(fault, path);
    },
  };
}

async function* cutShort(
  chunks: AsyncIterable<Uint8Array>,
  fault: Fault,
  path: string,
): AsyncGenerator<Uint8Array> {
  let left = fault.cutAfter ?? 0;
  for await (const chunk of chunks) {
    if (left > 0) yield chunk.subarray(0, left);
    left -= chunk.length;
    if (left <= 0) break;
  }
  throw errorOf(fault, path);
}

async function pass(
  plan: FaultPlan,
  member: FaultMember,
  path: string,
  options?: StorageOptions,
): Promise<void> {
  const fault = await meet(plan, member, path, options);
  if (fault) throw errorOf(fault, path);
}

async function meet(
  plan: FaultPlan,
  member: FaultMember,
  path: string,
  { signal }: StorageOptions = {},
): Promise<Fault | undefined> {
  const milliseconds = plan.latency(member, path);
  if (milliseconds > 0) await wait(milliseconds, undefined, signal ? { signal } : {});
  return plan.meet(member, path);
}

function errorOf({ code, member }: Fault, path: string): StorageError {
  return new StorageError(code, `${member} "${path}": a fault was planned here`);
}
