import type { Random } from './random.ts';

/**
 * Draws ranks from 0 to below `count` by Zipf's law: rank r with a probability in proportion to 1 / (r + 1)^exponent.
 * An exponent of 0 draws evenly.
 */
export function makeZipf(count: number, exponent: number, random: Random): () => number {
  const sums = new Float64Array(count);
  let sum = 0;
  for (let rank = 0; rank < count; rank++) {
    sum += 1 / (rank + 1) ** exponent;
    sums[rank] = sum;
  }
  return () => {
    const drawn = random() * sum;
    let low = 0;
    let high = count - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((sums[middle] ?? 0) > drawn) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}
