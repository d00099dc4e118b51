import { randomBytes } from 'node:crypto';
import type { BerthProcess, Person } from '../support/berth-process.ts';
import { until } from '../support/waiting.ts';
import { pushImage, removeImage, type PushedImage } from './images.ts';

/** When something was surely there. Milliseconds since 1970. */
export interface Lived extends PushedImage {
  readonly pushedAt: number;
  /** When its deletion began. */
  removedAt?: number;
}

/** Of three images one stays, and two are deleted when so many more were pushed. */
const life = 4;

/** Pushes and deletes images, and collects garbage, without a pause until it is stopped. */
export class Traffic {
  readonly images: Lived[] = [];
  readonly #berth: BerthProcess;
  readonly #who: Person;
  readonly #collect: () => Promise<unknown>;
  readonly #running: Promise<void>;
  #stopped = false;
  #failure: unknown;

  constructor(berth: BerthProcess, who: Person, collect: () => Promise<unknown>) {
    this.#berth = berth;
    this.#who = who;
    this.#collect = collect;
    this.#running = this.#run().catch((error: unknown) => void (this.#failure = error));
  }

  get count(): number {
    return this.images.length;
  }

  /** Waits until so many images were pushed. */
  async until(count: number): Promise<void> {
    await until(`${count} images`, () => {
      if (this.#failure !== undefined) throw this.#failure;
      return this.count >= count ? true : undefined;
    });
  }

  async stop(): Promise<readonly Lived[]> {
    this.#stopped = true;
    await this.#running;
    if (this.#failure !== undefined) throw this.#failure;
    return this.images;
  }

  async #run(): Promise<void> {
    for (let index = 0; !this.#stopped; index += 1) {
      const layers = [randomBytes(30_000), randomBytes(10_000)];
      const image = await pushImage(this.#berth, this.#who, 'team/traffic', `t${index}`, layers);
      this.images.push({ ...image, pushedAt: Date.now() });
      const old = this.images[index - life];
      if (old === undefined || (index - life) % 3 === 0) continue;
      old.removedAt = Date.now();
      await removeImage(this.#berth, this.#who, old);
      await this.#collect();
    }
  }
}
