/** Everything that is found out after a drill, from what clients saw and what the stores hold. */
import { execFileSync } from 'node:child_process';
import type { HistoryEntry } from '../../judge/history.ts';
import { judge } from '../../judge/judge.ts';
import type { Fault } from '../../judge/verdict.ts';
import type { Seat } from '../../load/population.ts';
import type { Stats } from '../../load/stats.ts';
import type { operatorParts } from '../../operator.ts';
import type { CarriedOut } from '../carry-out.ts';
import type { DrillOptions } from '../options.ts';
import type { Scenario } from '../scenario.ts';
import { identifierIn } from '../traffic/seeding.ts';
import type { Seen } from '../traffic/seen.ts';
import { convergence } from './at-rest.ts';
import { availabilityOf, writesBackAtMs } from './availability.ts';
import { reasonsAgainst, type Totals } from './goals.ts';
import type { Observed } from './observed.ts';
import { type ScenarioFigures, scenarioFigures } from './scenario-figures.ts';
import { overlaps, type Span } from './spans.ts';

export interface Drilled extends Totals {
  readonly commit: string;
  readonly seconds: number;
  readonly requests: number;
  readonly ratePerSecond: number;
  readonly members: number;
  readonly scenarios: readonly ScenarioFigures[];
  readonly observed: Observed;
  /** Why it failed; none when it did not. */
  readonly reasons: readonly string[];
  /** What the judge found, the first of it. */
  readonly faults: readonly Omit<Fault, 'entries'>[];
  readonly differences: readonly { readonly sink: string; readonly what: string }[];
  /** Objects whose writes the judge could not put in an order in its time: nothing is said of them. */
  readonly undecided: number;
  readonly seen: Seen;
  readonly beganMs: number;
}

const shownMax = 50;
/** A writer that is back, but takes no writes for longer than this, fails them like any other fault. */
const writesBackWithinMs = 5_000;

export async function judgeDrill(about: {
  readonly done: readonly (CarriedOut & { readonly scenario: Scenario })[];
  readonly seen: Seen;
  readonly history: readonly HistoryEntry[];
  readonly seats: readonly Seat[];
  readonly stats: Stats;
  readonly parts: ReturnType<typeof operatorParts>;
  readonly observed: Observed;
  readonly beganMs: number;
  readonly startedMs: number;
  readonly trafficEndMs: number;
  readonly options: DrillOptions;
  readonly say: (line: string) => void;
}): Promise<Drilled> {
  const { done, seen, history, seats, stats, parts, observed, beganMs, options, say } = about;
  const faultsEndMs = done.at(-1)?.carried.fault.endMs ?? about.trafficEndMs;
  const everHeld = seats.flatMap(({ holdings, spare }) => [
    ...Object.entries(holdings),
    [spare.field, spare.value] as [string, string],
  ]);
  const keys = everHeld.flatMap((held) => parts.hasher.keysOf(identifierIn(held)));
  const rest = await convergence({ parts, keys, history, faultsEndMs, say });
  const verdict = judge(history, { isFromEmpty: true });
  say(`  ${verdict.writes} writes and ${verdict.reads} reads judged, ${verdict.faults.length} faults`);

  const spans = (entries: readonly HistoryEntry[]): Span[] =>
    entries.map(({ start, end }) => ({ startMs: start / 1e6, endMs: end / 1e6 }));
  const scenarios = done.map(({ scenario, carried, measured }) =>
    scenarioFigures({
      ...{ scenario, carried, measured, seen, beganMs },
      faults: verdict.faults,
      lost: spans(rest.lost ?? []),
    }),
  );
  const critical = seen.requests.filter(({ lane }) => lane === 'critical');
  const writes = critical.filter(({ kind }) => kind === 'write');
  const withoutWriter = done
    .flatMap(({ carried }) => carried.withoutWriter)
    .map((span) => ({ ...span, endMs: writesBackAtMs(writes, span, writesBackWithinMs) }));
  const promised = writes.filter((write) => !withoutWriter.some((span) => overlaps(span, write)));
  const byRecord = Object.entries(stats.faultCounts).filter(([kind]) => kind !== 'stale');
  const count = (is: (fault: Fault) => boolean): number => verdict.faults.filter(is).length;
  const promotions = scenarios.flatMap(({ promotionSeconds }) => promotionSeconds ?? []);
  const totals: Totals = {
    criticalReadAvailability: availabilityOf(critical.filter(({ kind }) => kind === 'read')).share,
    writeAvailabilityOutsidePromotion: availabilityOf(promised).share,
    lostAcknowledged: rest.lost?.length ?? null,
    // Two judges of the same answers: the one that finds more is believed.
    silentStale: Math.max(
      count(({ invariant }) => invariant === 'I4'),
      stats.faultCounts.stale ?? 0,
    ),
    twoOwners: Math.max(
      rest.twoOwners,
      count(({ invariant }) => invariant === 'I1'),
    ),
    divergedSinks: new Set(rest.differences.map(({ sink }) => sink)).size,
    promotionSeconds: promotions.length === 0 ? null : Math.max(...promotions),
    convergedSeconds: rest.convergedSeconds,
    otherFaults: Math.max(
      count(({ invariant }) => !['I1', 'I4'].includes(invariant)),
      byRecord.reduce((sum, [, number]) => sum + number, 0),
    ),
    observerMisses: observed.missed,
  };
  for (const { kind, fault, detail } of stats.faults) say(`  ${kind}: ${fault}: ${detail}`);
  for (const { invariant, check, message } of verdict.faults.slice(0, shownMax))
    say(`  ${invariant} (${check}): ${message}`);
  return {
    commit: commitHere(),
    seconds: Math.round((performance.now() - about.startedMs) / 1000),
    requests: seen.requests.length,
    ratePerSecond: options.ratePerSecond,
    members: options.members,
    ...totals,
    scenarios,
    observed,
    reasons: [
      ...done.flatMap(({ notDone }) => notDone),
      ...reasonsAgainst(
        totals,
        scenarios,
        done.map(({ scenario }) => scenario),
      ),
    ],
    faults: verdict.faults.slice(0, shownMax).map(({ entries: _, ...fault }) => fault),
    differences: rest.differences.slice(0, shownMax),
    undecided: verdict.undecided.length,
    seen,
    beganMs,
  };
}

function commitHere(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return 'unknown';
  }
}
