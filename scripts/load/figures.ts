/** The figures of a run. */
import type { Outcome } from './driver.ts';
import type { KindStats } from './stats.ts';

/** What the mix reads through the front door; its hit rate is counted over these. */
const mixReads = ['get', 'lookup'];

type Counts = Readonly<Record<string, number>>;

export interface KindFigures {
  readonly answered: number;
  readonly failed: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly maxMs: number | null;
  /** Of reads, the part that a cache answered; null for what is no read. */
  readonly hitRate: number | null;
  readonly sources: Counts;
  readonly freshness: Counts;
  readonly failures: Counts;
}

export interface Figures {
  readonly seconds: { readonly register: number; readonly warmUp: number; readonly mix: number };
  readonly kinds: Readonly<Record<string, KindFigures>>;
  /** All reads of the mix through the front door, together. */
  readonly reads: KindFigures;
  /** How many answers were compared with the record. */
  readonly judged: number;
  /** How many of them were stale or wrong. */
  readonly wrong: number;
  readonly faultCounts: Counts;
  /** The first of them. */
  readonly faults: Outcome['stats']['faults'];
}

export function figuresOf({ stats, registerSeconds, warmUpSeconds, mixSeconds }: Outcome): Figures {
  return {
    seconds: { register: registerSeconds, warmUp: warmUpSeconds, mix: mixSeconds },
    kinds: Object.fromEntries([...stats.kinds].map(([kind, each]) => [kind, kindFigures([each])])),
    reads: kindFigures(mixReads.flatMap((kind) => stats.kinds.get(kind) ?? [])),
    judged: stats.judgedCount(),
    wrong: sum(Object.values(stats.faultCounts)),
    faultCounts: stats.faultCounts,
    faults: stats.faults,
  };
}

function kindFigures(kinds: readonly KindStats[]): KindFigures {
  const sorted = Float64Array.from(kinds.flatMap(({ latenciesMs }) => latenciesMs)).sort();
  const at = (part: number): number | null => {
    const value = sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)];
    return value === undefined ? null : Math.round(value * 100) / 100;
  };
  const sources = merged(kinds.map((kind) => kind.sources));
  const failures = merged(kinds.map((kind) => kind.failures));
  const told = sum(Object.values(sources));
  return {
    answered: sorted.length,
    failed: sum(Object.values(failures)),
    ...{ p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) },
    hitRate: told === 0 ? null : (sources.cache ?? 0) / told,
    sources,
    freshness: merged(kinds.map((kind) => kind.freshness)),
    failures,
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((one, other) => one + other, 0);
}

function merged(all: readonly Counts[]): Counts {
  const together: Record<string, number> = {};
  for (const counts of all) {
    for (const [name, count] of Object.entries(counts)) together[name] = (together[name] ?? 0) + count;
  }
  return together;
}
