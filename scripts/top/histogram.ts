/** Counts durations in buckets that grow by {@link widthOf}: percentiles from a fixed little memory. */
const smallestMs = 0.01;
const widthOf = 1.06;
const buckets = 280;
const scale = 1 / Math.log(widthOf);

export interface Histogram {
  /** How many are in each bucket. The last one takes everything above some two minutes. */
  readonly counts: Uint32Array;
}

export const makeHistogram = (): Histogram => ({ counts: new Uint32Array(buckets) });

export function addTo({ counts }: Histogram, ms: number): void {
  const bucket = ms <= smallestMs ? 0 : Math.ceil(Math.log(ms / smallestMs) * scale);
  const index = Math.min(bucket, buckets - 1);
  counts[index] = (counts[index] ?? 0) + 1;
}

export function mergeInto(target: Histogram, { counts }: Histogram): void {
  for (let index = 0; index < buckets; index++) {
    target.counts[index] = (target.counts[index] ?? 0) + (counts[index] ?? 0);
  }
}

/** At most 6 % above the value that `share` (0 to 1) of all do not exceed; null when there are none. */
export function percentileOf({ counts }: Histogram, share: number): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  let left = Math.max(1, Math.ceil(total * share));
  for (let index = 0; index < buckets; index++) {
    left -= counts[index] ?? 0;
    if (left <= 0) return smallestMs * widthOf ** index;
  }
  return null;
}
