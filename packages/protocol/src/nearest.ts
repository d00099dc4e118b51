/**
 * The candidate that `word` was probably meant to be; its likeness, from 0 to 1, is `least` or more. Abbreviations (`adress`,
 * `addr`) count as near, unlike in an edit distance.
 */
export function nearest(word: string, candidates: readonly string[], least = 0.6): string | undefined {
  let best: string | undefined;
  let bestLikeness = least;
  for (const candidate of candidates) {
    const likeness = likenessOf(word.toLowerCase(), candidate);
    if (likeness < bestLikeness || (best !== undefined && likeness === bestLikeness)) continue;
    [best, bestLikeness] = [candidate, likeness];
  }
  return best;
}

/** From 0 to 1: the share of both words that they have in common in the same order, and more where they begin alike. */
function likenessOf(a: string, b: string): number {
  let previous: number[] = Array.from({ length: b.length + 1 }, () => 0);
  for (const letter of a) {
    const row = [0];
    for (let j = 1; j <= b.length; j++) {
      const diagonal = previous[j - 1]! + 1;
      row.push(letter === b[j - 1] ? diagonal : Math.max(previous[j]!, row[j - 1]!));
    }
    previous = row;
  }
  const share = (2 * previous[b.length]!) / (a.length + b.length);
  const beginning = [0, 1, 2, 3].findIndex((at) => a[at] !== b[at] || at >= a.length);
  return share + (1 - share) * 0.1 * (beginning === -1 ? 4 : beginning);
}
