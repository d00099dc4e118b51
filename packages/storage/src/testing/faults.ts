import type { SignedUrls, Sweep } from '../capabilities.ts';
import type { StorageDriver } from '../driver.ts';
import type { StorageErrorCode } from '../errors.ts';

/** A member of the driver, of what else it can do, or of its writers. */
export type FaultMember = keyof StorageDriver | keyof SignedUrls | keyof Sweep | 'write' | 'close';

/** The path itself, or an expression that it matches. Of a move it is the path it starts from. */
export type FaultPath = string | RegExp;

/** What is going to fail. A fault that has failed is gone; those that never did are in `pending`. */
export interface Faults {
  /** Fails the next call of `member`, before it does anything. */
  failNext(member: FaultMember, code: StorageErrorCode, path?: FaultPath): void;
  /** Fails the `nth` call of `member` from now on; 1 is the next one. */
  failNth(nth: number, member: FaultMember, code: StorageErrorCode, path?: FaultPath): void;
  /** Fails every call of `member` until `clear()`. */
  failAlways(member: FaultMember, code: StorageErrorCode, path?: FaultPath): void;
  /** The next write stores, or the next read gives, only its first `bytes` bytes and then fails. */
  cutNext(member: 'write' | 'read', bytes: number, code: StorageErrorCode, path?: FaultPath): void;
  /** Makes every call of `member` wait for so long first, until `clear()`. */
  delay(member: FaultMember, milliseconds: number, path?: FaultPath): void;
  /** From now on nothing fails. */
  clear(): void;
  /** How many faults have not failed yet; a test ends with 0, or it did not test what it meant to. */
  readonly pending: number;
}

export interface Fault {
  readonly member: FaultMember;
  readonly code: StorageErrorCode;
  readonly path: FaultPath | undefined;
  readonly always?: boolean;
  /** Bytes that still pass. */
  readonly cutAfter?: number;
}

interface PlannedFault extends Fault {
  /** Calls that come before it. */
  skip: number;
}

interface Delay {
  readonly member: FaultMember;
  readonly milliseconds: number;
  readonly path: FaultPath | undefined;
}

export class FaultPlan implements Faults {
  #faults: PlannedFault[] = [];
  #delays: Delay[] = [];

  get pending(): number {
    return this.#faults.filter((fault) => !fault.always).length;
  }

  failNext(member: FaultMember, code: StorageErrorCode, path?: FaultPath): void {
    this.failNth(1, member, code, path);
  }

  failNth(nth: number, member: FaultMember, code: StorageErrorCode, path?: FaultPath): void {
    this.#faults.push({ member, code, path, skip: nth - 1 });
  }

  failAlways(member: FaultMember, code: StorageErrorCode, path?: FaultPath): void {
    this.#faults.push({ member, code, path, skip: 0, always: true });
  }

  cutNext(member: 'write' | 'read', bytes: number, code: StorageErrorCode, path?: FaultPath): void {
    this.#faults.push({ member, code, path, skip: 0, cutAfter: bytes });
  }

  delay(member: FaultMember, milliseconds: number, path?: FaultPath): void {
    this.#delays.push({ member, milliseconds, path });
  }

  clear(): void {
    this.#faults = [];
    this.#delays = [];
  }

  /** Counts one call, and answers the fault that it meets. */
  meet(member: FaultMember, path: string): Fault | undefined {
    const candidates = this.#faults.filter((fault) => concerns(fault, member, path));
    const due = candidates.find((fault) => fault.skip === 0);
    for (const fault of candidates) fault.skip = Math.max(0, fault.skip - 1);
    if (due && !due.always) this.#faults.splice(this.#faults.indexOf(due), 1);
    return due;
  }

  /** In milliseconds. */
  latency(member: FaultMember, path: string): number {
    return this.#delays
      .filter((delay) => concerns(delay, member, path))
      .reduce((sum, delay) => sum + delay.milliseconds, 0);
  }
}

function concerns(fault: Pick<Fault, 'member' | 'path'>, member: FaultMember, path: string): boolean {
  if (fault.member !== member) return false;
  if (fault.path === undefined) return true;
  return typeof fault.path === 'string' ? fault.path === path : fault.path.test(path);
}
