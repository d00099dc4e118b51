/**
 * Bounds an `LRUCache` by number. Its own `max` makes the room for all entries at once: at a start, 30 ms and 1 MB for
 * 10,000 that have a `ttl`.
 */
export function atMost(entries: number): { maxSize: number; sizeCalculation: () => number } {
  return { maxSize: entries, sizeCalculation: () => 1 };
}
