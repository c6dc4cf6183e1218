/** The figures of a run, for people and for machines. */
import type { Outcome } from './driver.ts';
import type { KindStats } from './stats.ts';

/** What the mix reads through the front door; its hit rate is counted over these. */
const mixReads = ['get', 'lookup'];

export interface KindFigures {
  readonly answered: number;
  readonly failed: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly maxMs: number | null;
  /** Null for what is no read. */
  readonly hitRate: number | null;
  readonly freshness: Readonly<Record<string, number>>;
  readonly failures: Readonly<Record<string, number>>;
}

export interface Figures {
  readonly seconds: { readonly register: number; readonly warmUp: number; readonly mix: number };
  readonly kinds: Readonly<Record<string, KindFigures>>;
  /** Of the mix's reads through the front door, those answered from a cache; null without any. */
  readonly hitRate: number | null;
  readonly judged: number;
  readonly faultCounts: Readonly<Record<string, number>>;
  readonly faults: Outcome['stats']['faults'];
  readonly wrong: number;
}

export function figuresOf({ stats, registerSeconds, warmUpSeconds, mixSeconds }: Outcome): Figures {
  const reads = mixReads.flatMap((kind) => stats.kinds.get(kind) ?? []);
  const sum = (numbers: readonly number[]) => numbers.reduce((one, other) => one + other, 0);
  return {
    seconds: { register: registerSeconds, warmUp: warmUpSeconds, mix: mixSeconds },
    kinds: Object.fromEntries([...stats.kinds].map(([kind, each]) => [kind, kindFigures(each)])),
    hitRate: share(sum(reads.map(({ fromCache }) => fromCache)), sum(reads.map(({ answered }) => answered))),
    judged: stats.judgedCount(),
    faultCounts: stats.faultCounts,
    faults: stats.faults,
    wrong: sum(Object.values(stats.faultCounts)),
  };
}

function kindFigures({ latenciesMs, answered, fromCache, freshness, failures }: KindStats): KindFigures {
  const sorted = Float64Array.from(latenciesMs).sort();
  const at = (part: number): number | null => {
    const value = sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)];
    return value === undefined ? null : Math.round(value * 100) / 100;
  };
  const labelled = Object.values(freshness).reduce((one, other) => one + other, 0);
  const failed = Object.values(failures).reduce((one, other) => one + other, 0);
  const hitRate = labelled === 0 ? null : share(fromCache, labelled);
  return { answered, failed, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1), hitRate, freshness, failures };
}

const share = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);

export function tableOf(figures: Figures): string {
  const percent = (value: number | null) => (value === null ? '' : `${(value * 100).toFixed(1)} %`);
  const rows = Object.entries(figures.kinds).map(([kind, each]) => [
    kind,
    String(each.answered),
    String(each.failed),
    each.p50Ms?.toFixed(1) ?? '',
    each.p99Ms?.toFixed(1) ?? '',
    each.maxMs?.toFixed(1) ?? '',
    percent(each.hitRate),
    Object.entries(each.freshness)
      .map(([name, count]) => `${count} ${name}`)
      .join(', '),
  ]);
  const table = [['', 'answered', 'failed', 'p50 ms', 'p99 ms', 'max ms', 'cache', 'freshness'], ...rows];
  const widths = (table[0] ?? []).map((_, column) =>
    Math.max(...table.map((row) => row[column]?.length ?? 0)),
  );
  const lines = table.map((row) =>
    row
      .map((cell, column) =>
        column === 0 || column === 7 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
  const failures = Object.entries(figures.kinds).flatMap(([kind, each]) =>
    Object.entries(each.failures).map(([how, count]) => `  ${kind}: ${count} x ${how}`),
  );
  const faults = figures.faults.map(({ kind, fault, detail }) => `  ${kind}: ${fault}: ${detail}`);
  const counts = Object.entries(figures.faultCounts)
    .map(([fault, count]) => `${count} ${fault}`)
    .join(', ');
  return [
    ...lines,
    ...(failures.length > 0 ? ['', 'Failures:', ...failures] : []),
    ...(faults.length > 0 ? ['', 'Stale and wrong answers (the first):', ...faults] : []),
    '',
    `Hit rate of the mix: ${percent(figures.hitRate)}`,
    `Answers judged: ${figures.judged}; stale or wrong: ${figures.wrong}${counts ? ` (${counts})` : ''}`,
  ].join('\n');
}
