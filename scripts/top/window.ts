/** What one centre did in the last seconds, second by second, in a bounded memory. */
import { addTo, type Histogram, makeHistogram, mergeInto, percentileOf } from './histogram.ts';
import type { RelaySeen, RequestKind, RequestSeen, Seen } from './log-lines.ts';

/** What one lane's reads, or writes, were like. Percentiles and shares are null when there were none. */
export interface Flow {
  readonly requests: number;
  readonly perSecond: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  /** Of the reads that found an answer, the share that the cache had. */
  readonly hitRate: number | null;
  /** The share of each freshness; batches, whose answers differ, left out. */
  readonly freshness: Readonly<Record<string, number>> | null;
  readonly outcomes: Readonly<Record<RequestSeen['outcomeClass'], number>>;
}

export interface CentrePicture {
  /** By lane, then by kind: `batch` is many reads at once. */
  readonly lanes: Readonly<Record<string, Readonly<Record<RequestKind, Flow>>>>;
  /** Every outcome but `ok`, by its code, the most frequent first. */
  readonly errors: Readonly<Record<string, number>>;
  readonly queue: {
    readonly messages: number;
    readonly failed: number;
    /** How old messages were when they were taken. */
    readonly ageP50Ms: number | null;
    readonly ageMaxMs: number | null;
  };
  /** The newest report of the relay, however old, and when it was written. */
  readonly relay: RelaySeen | null;
  /** When the newest line of any kind was written. */
  readonly lastLineAtMs: number | null;
}

export interface Window {
  add(seen: Seen): void;
  /** The `seconds` before `nowMs`, and what there is of the one that has begun. */
  picture(nowMs: number): CentrePicture;
}

interface FlowCounts {
  readonly durations: Histogram;
  readonly outcomes: Record<RequestSeen['outcomeClass'], number>;
  readonly freshness: Record<string, number>;
  answered: number;
  hits: number;
}

interface Second {
  at: number;
  flows: Map<string, FlowCounts>;
  errors: Map<string, number>;
  ages: Histogram;
  messages: number;
  failed: number;
  ageMaxMs: number | null;
}

export const lanes = ['critical', 'marketing'] as const;
export const kinds = ['read', 'batch', 'write'] as const;
/** More different outcomes than this are counted together. */
const errorsMax = 50;

export function makeWindow(seconds: number): Window {
  // One more than the second that has begun: a line may be a little ahead of who looks.
  const ring = Array.from({ length: seconds + 2 }, () => emptySecond(-1));
  let relay: RelaySeen | null = null;
  let lastLineAtMs: number | null = null;

  const secondOf = (atMs: number): Second | null => {
    const at = Math.floor(atMs / 1000);
    const second = ring[at % ring.length] as Second;
    if (second.at > at) return null;
    if (second.at < at) Object.assign(second, emptySecond(at));
    return second;
  };

  return {
    add(seen) {
      lastLineAtMs = Math.max(lastLineAtMs ?? 0, seen.atMs);
      if (seen.what === 'relay') {
        if (relay === null || relay.atMs <= seen.atMs) relay = seen;
        return;
      }
      const second = secondOf(seen.atMs);
      if (!second) return;
      if (seen.what === 'request') {
        count(flowIn(second.flows, `${seen.lane} ${seen.kind}`), seen);
        if (seen.outcomeClass !== 'ok') bump(second.errors, seen.outcome, 1);
        return;
      }
      second.messages += seen.messages;
      second.failed += seen.failed;
      for (const ageMs of seen.agesMs) {
        addTo(second.ages, ageMs);
        second.ageMaxMs = Math.max(second.ageMaxMs ?? 0, ageMs);
      }
    },

    picture(nowMs) {
      const first = Math.floor(nowMs / 1000) - seconds;
      const overSeconds = nowMs / 1000 - first;
      const shown = ring.filter(({ at }) => at >= first && at * 1000 <= nowMs);
      const flows = new Map<string, FlowCounts>();
      const errors = new Map<string, number>();
      const ages = makeHistogram();
      for (const second of shown) {
        for (const [name, counts] of second.flows) merge(flowIn(flows, name), counts);
        for (const [code, times] of second.errors) bump(errors, code, times);
        mergeInto(ages, second.ages);
      }
      const maxima = shown.flatMap(({ ageMaxMs }) => (ageMaxMs === null ? [] : [ageMaxMs]));
      return {
        lanes: Object.fromEntries(
          lanes.map((lane) => [
            lane,
            Object.fromEntries(
              kinds.map((kind) => [kind, flowOf(flowIn(flows, `${lane} ${kind}`), overSeconds)]),
            ) as Record<RequestKind, Flow>,
          ]),
        ),
        errors: Object.fromEntries([...errors].sort(([, one], [, other]) => other - one)),
        queue: {
          messages: sum(shown, ({ messages }) => messages),
          failed: sum(shown, ({ failed }) => failed),
          ageP50Ms: percentileOf(ages, 0.5),
          ageMaxMs: maxima.length > 0 ? Math.max(...maxima) : null,
        },
        relay,
        lastLineAtMs,
      };
    },
  };
}

const emptySecond = (at: number): Second => ({
  at,
  flows: new Map(),
  errors: new Map(),
  ages: makeHistogram(),
  messages: 0,
  failed: 0,
  ageMaxMs: null,
});

function flowIn(flows: Map<string, FlowCounts>, name: string): FlowCounts {
  const known = flows.get(name);
  if (known) return known;
  const outcomes = { ok: 0, refused: 0, failed: 0 };
  const made = { durations: makeHistogram(), outcomes, freshness: {}, answered: 0, hits: 0 };
  flows.set(name, made);
  return made;
}

function count(flow: FlowCounts, { durationMs, outcomeClass, cacheHit, freshness }: RequestSeen): void {
  addTo(flow.durations, durationMs);
  flow.outcomes[outcomeClass] += 1;
  if (cacheHit === undefined) return;
  flow.answered += 1;
  flow.hits += cacheHit;
  if (freshness !== undefined) flow.freshness[freshness] = (flow.freshness[freshness] ?? 0) + 1;
}

function merge(target: FlowCounts, { durations, outcomes, freshness, answered, hits }: FlowCounts): void {
  mergeInto(target.durations, durations);
  for (const name of ['ok', 'refused', 'failed'] as const) target.outcomes[name] += outcomes[name];
  for (const [name, times] of Object.entries(freshness)) {
    target.freshness[name] = (target.freshness[name] ?? 0) + times;
  }
  target.answered += answered;
  target.hits += hits;
}

function flowOf({ durations, outcomes, freshness, answered, hits }: FlowCounts, overSeconds: number): Flow {
  const requests = outcomes.ok + outcomes.refused + outcomes.failed;
  const labelled = Object.values(freshness).reduce((total, times) => total + times, 0);
  const shares = Object.entries(freshness).map(([name, times]) => [name, times / labelled]);
  return {
    requests,
    perSecond: requests / overSeconds,
    p50Ms: percentileOf(durations, 0.5),
    p99Ms: percentileOf(durations, 0.99),
    hitRate: answered > 0 ? hits / answered : null,
    freshness: labelled > 0 ? Object.fromEntries(shares) : null,
    outcomes,
  };
}

function bump(counts: Map<string, number>, name: string, times: number): void {
  const known = counts.has(name) || counts.size < errorsMax ? name : 'others';
  counts.set(known, (counts.get(known) ?? 0) + times);
}

const sum = (seconds: readonly Second[], of: (second: Second) => number): number =>
  seconds.reduce((total, second) => total + of(second), 0);
