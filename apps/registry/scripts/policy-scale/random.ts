/** The same numbers at each run: mulberry32, https://github.com/cprosche/mulberry32 */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function below(random: () => number, count: number): number {
  return Math.floor(random() * count);
}

export function oneOf<Value>(random: () => number, list: readonly Value[]): Value {
  return list[below(random, list.length)]!;
}
