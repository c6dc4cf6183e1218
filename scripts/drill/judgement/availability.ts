/** The arithmetic of availability: of what clients saw, and of single attempts. */
import type { Span } from './spans.ts';

export interface Availability {
  readonly asked: number;
  readonly failed: number;
  /** 1 when nothing was asked. */
  readonly share: number;
  readonly failures: Readonly<Record<string, number>>;
}

interface Answered extends Span {
  readonly failure: string | null;
}

export function availabilityOf(requests: readonly Answered[]): Availability {
  const failures: Record<string, number> = {};
  let failed = 0;
  for (const { failure } of requests) {
    if (failure === null) continue;
    failed += 1;
    failures[failure] = (failures[failure] ?? 0) + 1;
  }
  const asked = requests.length;
  return { asked, failed, share: asked === 0 ? 1 : 1 - failed / asked, failures };
}

/** The longest time within the span in which no answer came. */
export function longestGapMs(requests: readonly Answered[], { startMs, endMs }: Span): number {
  const answers = requests
    .filter((request) => request.failure === null && request.endMs >= startMs && request.endMs <= endMs)
    .map((request) => request.endMs)
    .sort((one, other) => one - other);
  let gap = 0;
  let lastMs = startMs;
  for (const atMs of [...answers, endMs]) {
    gap = Math.max(gap, atMs - lastMs);
    lastMs = atMs;
  }
  return gap;
}

const bucketMs = 250;
/** Above this part of a bucket, so many are slow that it is no chance, nor a single one that probes. */
const unwellShare = 0.03;
const unwellMin = 2;

/**
 * How long after the fault's start reads still felt it: the end of the last quarter second in which more than a few of
 * the attempts failed or were slow. 0 when none did.
 * @param attempts of reads
 * @param slowMs what is slow: below the time that a hung part is waited for, above what is usual
 */
export function switchedAfterMs(attempts: readonly Answered[], fault: Span, slowMs: number): number {
  const buckets: { all: number; unwell: number }[] = [];
  for (const { startMs, endMs, failure } of attempts) {
    if (startMs < fault.startMs || startMs >= fault.endMs) continue;
    const index = Math.floor((startMs - fault.startMs) / bucketMs);
    buckets[index] ??= { all: 0, unwell: 0 };
    buckets[index].all += 1;
    if (failure !== null || endMs - startMs > slowMs) buckets[index].unwell += 1;
  }
  const last = buckets.findLastIndex(
    (bucket) => bucket && bucket.unwell >= unwellMin && bucket.unwell > unwellShare * bucket.all,
  );
  return Math.min((last + 1) * bucketMs, fault.endMs - fault.startMs);
}

/**
 * When the writes of a fault that stops them came back: the first that was begun after its end and acknowledged. No later
 * than `limitMs` after it: what fails then is counted.
 */
export function writesBackAtMs(writes: readonly Answered[], fault: Span, limitMs: number): number {
  const limit = fault.endMs + limitMs;
  return writes
    .filter(({ startMs, failure }) => failure === null && startMs >= fault.endMs)
    .reduce((earliest, { endMs }) => Math.min(earliest, endMs), limit);
}

/** Of `sorted`, ascending, the value that `part` of all are at or below; null of none. */
export function quantile(sorted: ArrayLike<number>, part: number): number | null {
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? null;
}
