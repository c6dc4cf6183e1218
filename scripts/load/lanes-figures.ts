/** What the marketing lane above its share does to the critical lane: the figures, and how people read them. */

export interface Sample {
  readonly latencyMs: number;
  readonly status: number;
}

/** One round: a quiet phase, one with the marketing lane above its share, a quiet one again. */
export interface Round {
  readonly quiet: readonly Sample[];
  readonly loaded: readonly Sample[];
  /** Of the marketing lane, by status; 0: not sent, or without an answer. */
  readonly marketing: Readonly<Record<number, number>>;
}

export interface PhaseFigures {
  readonly answered: number;
  readonly failed: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface LaneFigures {
  readonly rounds: readonly {
    readonly quiet: PhaseFigures;
    readonly loaded: PhaseFigures;
    readonly p99Ratio: number;
    readonly marketing: Round['marketing'];
  }[];
  /** All rounds' requests together. */
  readonly quiet: PhaseFigures;
  readonly loaded: PhaseFigures;
  readonly ratios: {
    readonly p50: number;
    readonly p99: number;
    /** The median of the rounds' own: what a disturbance from elsewhere in one of them does not move. */
    readonly p99Median: number;
  };
  readonly marketing: Round['marketing'];
}

export function laneFiguresOf(rounds: readonly Round[]): LaneFigures {
  const each = rounds.map(({ quiet, loaded, marketing }) => {
    const figures = { quiet: phaseOf(quiet), loaded: phaseOf(loaded) };
    return { ...figures, p99Ratio: ratio(figures.loaded.p99Ms, figures.quiet.p99Ms), marketing };
  });
  const quiet = phaseOf(rounds.flatMap((round) => round.quiet));
  const loaded = phaseOf(rounds.flatMap((round) => round.loaded));
  const marketing: Record<number, number> = {};
  for (const round of rounds) {
    for (const [status, count] of Object.entries(round.marketing))
      marketing[Number(status)] = (marketing[Number(status)] ?? 0) + count;
  }
  const ratios = {
    p50: ratio(loaded.p50Ms, quiet.p50Ms),
    p99: ratio(loaded.p99Ms, quiet.p99Ms),
    p99Median: percentile(
      each.map(({ p99Ratio }) => p99Ratio),
      0.5,
    ),
  };
  return { rounds: each, quiet, loaded, ratios, marketing };
}

export function laneReportOf({ rounds, quiet, loaded, ratios, marketing }: LaneFigures): string {
  const row = (name: string, one: PhaseFigures, other: PhaseFigures, p99: number, told: string): string =>
    [
      name.padEnd(8),
      ...[one.p50Ms, one.p99Ms, other.p50Ms, other.p99Ms].map((ms) => ms.toFixed(2).padStart(11)),
      p99.toFixed(2).padStart(10),
      `  ${told}`,
    ].join('');
  return [
    `${'round'.padEnd(8)}${['quiet p50', 'quiet p99', 'loaded p50', 'loaded p99'].map((head) => head.padStart(11)).join('')}${'p99 ratio'.padStart(10)}  marketing's answers`,
    ...rounds.map((round, index) =>
      row(String(index + 1), round.quiet, round.loaded, round.p99Ratio, listed(round.marketing)),
    ),
    row('all', quiet, loaded, ratios.p99, listed(marketing)),
    '',
    `Critical lane: ${quiet.answered} quiet and ${loaded.answered} loaded answers, ${quiet.failed + loaded.failed} failed.`,
    `p50 ratio ${ratios.p50.toFixed(2)}; p99 ratio ${ratios.p99.toFixed(2)} (median of the rounds ${ratios.p99Median.toFixed(2)}).`,
  ].join('\n');
}

function phaseOf(samples: readonly Sample[]): PhaseFigures {
  const answered = samples.filter(({ status }) => status === 200);
  const latencies = answered.map(({ latencyMs }) => latencyMs);
  return {
    answered: answered.length,
    failed: samples.length - answered.length,
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
  };
}

function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return rounded(sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? 0);
}

const ratio = (one: number, other: number): number => (other === 0 ? 0 : rounded(one / other));
const rounded = (value: number): number => Math.round(value * 1000) / 1000;

function listed(counts: Readonly<Record<number, number>>): string {
  return Object.entries(counts)
    .map(([status, count]) => `${count} x ${status === '0' ? 'none' : status}`)
    .join(', ');
}
