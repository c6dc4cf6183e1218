/** What clients saw, second by second. */
import { quantile } from '../judgement/availability.ts';
import type { Seen } from '../traffic/seen.ts';

export interface Second {
  readonly requests: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  /** Requests that failed for the client, and attempts that failed. */
  readonly failed: number;
  readonly failedAttempts: number;
  /** Of the reads that were answered. */
  readonly sources: Readonly<Record<string, number>>;
  readonly freshness: Readonly<Record<string, number>>;
}

interface Counting {
  requests: number;
  latencies: number[];
  failed: number;
  failedAttempts: number;
  sources: Record<string, number>;
  freshness: Record<string, number>;
}

/** From `beganMs` on; of the critical lane. */
export function secondsOf({ requests, attempts }: Seen, beganMs: number): readonly Second[] {
  const seconds: Counting[] = [];
  const at = (ms: number): Counting => {
    const index = Math.max(0, Math.floor((ms - beganMs) / 1000));
    while (seconds.length <= index)
      seconds.push({
        ...{ requests: 0, latencies: [], failed: 0, failedAttempts: 0 },
        ...{ sources: {}, freshness: {} },
      });
    return seconds[index] as Counting;
  };
  const add = (counts: Record<string, number>, name: string): void => {
    counts[name] = (counts[name] ?? 0) + 1;
  };
  for (const { lane, kind, startMs, endMs, failure, source, freshness } of requests) {
    if (lane !== 'critical') continue;
    const second = at(endMs);
    second.requests += 1;
    second.latencies.push(endMs - startMs);
    if (failure !== null) second.failed += 1;
    else if (kind === 'read') {
      add(second.sources, sourceOf(source ?? 'none'));
      add(second.freshness, freshness ?? 'none');
    }
  }
  for (const { lane, endMs, failure } of attempts)
    if (lane === 'critical' && failure !== null) at(endMs).failedAttempts += 1;
  return seconds.map(({ latencies, ...second }) => {
    const sorted = Float64Array.from(latencies).sort();
    return { ...second, p50Ms: quantile(sorted, 0.5), p99Ms: quantile(sorted, 0.99) };
  });
}

/** The replicas are one kind of source, as far as a reader of the page cares. */
const sourceOf = (source: string): string => (source.startsWith('replica') ? 'replica' : source);
