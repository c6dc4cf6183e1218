/** What one scenario came to. */
import type { Fault } from '../../judge/verdict.ts';
import type { Measured, Scenario } from '../scenario.ts';
import { type LaneName, lanes, type Seen } from '../traffic/seen.ts';
import {
  type Availability,
  availabilityOf,
  longestGapMs,
  quantile,
  switchedAfterMs,
} from './availability.ts';
import { type Carried, overlaps, type Span } from './spans.ts';

export interface LaneFigures {
  /** As the client saw it, its one retry included. */
  readonly client: Availability;
  /** Single attempts. */
  readonly raw: Availability;
  readonly longestGapMs: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
}

export interface ScenarioFigures extends Measured {
  readonly name: string;
  readonly fault: string;
  readonly promises: string;
  /** Of the fault and what followed from it. */
  readonly requests: number;
  readonly criticalReads: LaneFigures;
  readonly criticalWrites: LaneFigures;
  readonly marketingReads: LaneFigures;
  /** Until reads did not feel the fault any more. Of scenarios that switch. */
  readonly switchSeconds: number | null;
  /** From the fault's end until everything committed before it had arrived everywhere. */
  readonly backSeconds: number | null;
  /** From the fault's end until the part was read again; null: it was not, or is no source by itself. */
  readonly readAgainSeconds: number | null;
  readonly sources: Readonly<Record<string, number>>;
  readonly freshness: Readonly<Record<string, number>>;
  /** Answers older than what had been acknowledged that called themselves fresh; and answers that did not. */
  readonly staleSilent: number;
  readonly staleLabelled: number;
  readonly acknowledgedLost: number;
  readonly sinksEqual: boolean;
  readonly startSeconds: number;
  readonly faultSeconds: number;
}

/** Slower than this, a read waited for something that hangs: nothing has a smaller share of a request than 150 ms. */
const slowMsMin = 140;

export function scenarioFigures(about: {
  readonly scenario: Scenario;
  readonly carried: Carried;
  readonly measured: Measured;
  readonly seen: Seen;
  readonly faults: readonly Fault[];
  readonly lost: readonly Span[];
  readonly beganMs: number;
}): ScenarioFigures {
  const { scenario, carried, measured, seen, faults, lost, beganMs } = about;
  const span = { startMs: carried.fault.startMs, endMs: carried.endMs };
  const requests = seen.requests.filter((request) => overlaps(request, span));
  const attempts = seen.attempts.filter((attempt) => overlaps(attempt, span));
  const of = (lane: LaneName, kind: 'read' | 'write'): LaneFigures => {
    const isIt = (one: { readonly lane: LaneName; readonly kind: string }) =>
      one.lane === lane && one.kind === kind;
    const mine = requests.filter(isIt);
    const latencies = Float64Array.from(mine, ({ startMs, endMs }) => endMs - startMs).sort();
    return {
      client: availabilityOf(mine),
      raw: availabilityOf(attempts.filter(isIt)),
      longestGapMs: longestGapMs(mine, span),
      p50Ms: quantile(latencies, 0.5),
      p99Ms: quantile(latencies, 0.99),
    };
  };
  const reads = attempts.filter(({ lane, kind }) => lane === 'critical' && kind === 'read');
  const answered = attempts.filter(({ kind, failure }) => kind === 'read' && failure === null);
  const readAgainMs = seen.attempts
    .filter(({ source, startMs }) => source === scenario.source && startMs >= carried.fault.endMs)
    .reduce((earliest, { endMs }) => Math.min(earliest, endMs), Number.POSITIVE_INFINITY);
  const { name, fault, promises, switches } = scenario;
  return {
    ...{ name, fault, promises },
    ...measured,
    requests: requests.length,
    criticalReads: of('critical', 'read'),
    criticalWrites: of('critical', 'write'),
    marketingReads: of(lanes[1], 'read'),
    switchSeconds: switches
      ? switchedAfterMs(reads, carried.fault, Math.max(slowMsMin, usualMs(seen, beganMs))) / 1000
      : null,
    backSeconds: carried.settledAtMs === null ? null : (carried.settledAtMs - carried.fault.endMs) / 1000,
    readAgainSeconds:
      scenario.source !== undefined && Number.isFinite(readAgainMs)
        ? (readAgainMs - carried.fault.endMs) / 1000
        : null,
    sources: countOf(answered.map(({ source }) => source)),
    freshness: countOf(answered.map(({ freshness }) => freshness)),
    staleSilent: faults.filter((one) => one.invariant === 'I4' && isWithin(one, span)).length,
    staleLabelled: answered.filter(({ freshness }) => freshness === 'stale' || freshness === 'bounded')
      .length,
    acknowledgedLost: lost.filter((one) => overlaps(one, span)).length,
    sinksEqual: carried.settledAtMs !== null,
    startSeconds: (carried.fault.startMs - beganMs) / 1000,
    faultSeconds: (carried.fault.endMs - carried.fault.startMs) / 1000,
  };
}

/** What a read takes on this machine before anything is done to it: a busy one is no fault of the service. */
function usualMs(seen: Seen, beganMs: number): number {
  const quiet = seen.attempts.filter(
    ({ kind, startMs, failure }) => kind === 'read' && failure === null && startMs < beganMs + quietMs,
  );
  const latencies = Float64Array.from(quiet, ({ startMs, endMs }) => endMs - startMs).sort();
  return 1.5 * (quantile(latencies, 0.99) ?? 0);
}

/** Before the first fault. */
export const quietMs = 10_000;

function isWithin({ entries }: Fault, span: Span): boolean {
  const last = entries.at(-1);
  return last !== undefined && overlaps({ startMs: last.start / 1e6, endMs: last.end / 1e6 }, span);
}

function countOf(names: readonly (string | null)[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) if (name !== null) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
