/** What a run is like, drawn from its seed: each has its own mixture of load and faults, so that rare ones meet often. */
import type { Randomness } from './random.ts';
import type { Rates } from './weather.ts';

/** Everything that can go wrong besides single messages; each happens at random, every so many milliseconds. */
export const troubleKinds = [
  'crash-api',
  'freeze-api',
  'crash-relay',
  'freeze-relay',
  'crash-consumer',
  'freeze-consumer',
  'restart-redis',
  'fail-over-redis',
  'evict',
  'cut-redis',
  'cut-search',
  'lose-search',
  'switch-search',
  'cut-journal',
  'cut-queue',
  'cut-database',
  'cut-registers',
  'cut-topology',
  'cut-centre',
  'jump-clock',
  'slow-part',
  'hold-replica',
  'lag-replica',
] as const;

export type TroubleKind = (typeof troubleKinds)[number];

const messageFaults = [
  'refused',
  'lost',
  'late',
  'veryLate',
  'crashAtCall',
  'freezeAtCall',
] as const satisfies readonly (keyof Rates)[];

/** Every kind of fault, to be left out of a run by name. */
export type Nuisance = TroubleKind | (typeof messageFaults)[number];
export const nuisances: readonly Nuisance[] = [...messageFaults, ...troubleKinds];

/**
 * `mixture`: anything. The others leave nearly everything out, so that what they are about happens often:
 * `cut-off`: B's Redis clusters out of A's reach for some seconds, and the databases slow to B; `lagging`: one replica of one
 * database cluster far behind, and nothing read before replicas; `late`: messages that come when nobody waits any more;
 * `contended`: one or two identifiers that everybody wants, and writers that come back after their claims were taken over;
 * `searching`: search clusters that are slow, cut off, switched off, and lose everything; many reads go to them;
 * `closing`: near the end the registers of B and of the witness are raised, as a promotion begins, and A's writers must stop;
 * `promoting`: in the middle B is promoted, by processes that die on the way, with A lost or cut off at times;
 * `rotating`: processes that know different hash keys, few identifiers, sources that are behind and cut off.
 */
export const themes = [
  'mixture',
  'cut-off',
  'lagging',
  'late',
  'contended',
  'closing',
  'searching',
  'promoting',
  'rotating',
] as const;

export type Theme = (typeof themes)[number];

export interface Plan {
  readonly theme: Theme;
  /** How many of the troubles that last a while last long. */
  readonly longShare: number;
  /** How many operations the storm has, unless a run is told otherwise. */
  readonly operationsMax: number;
  readonly clients: number;
  readonly apiProcesses: number;
  /** The mean pause of a client between two operations. */
  readonly thinkMs: number;
  readonly phones: number;
  readonly cards: number;
  /** How much of the operations are reads. */
  readonly readShare: number;
  readonly betweenCentresMs: number;
  /** Whether operations go on for a while once the faults are over: everything must recover under load, too. */
  readonly isLoadedToTheEnd: boolean;
  /** How long a day is, as tokens count them: those of the day before yesterday are trimmed. */
  readonly tokenDayMs: number;
  readonly rates: Rates;
  /** What is very late is late by half a minute at the most, and by this at the least. */
  readonly veryLateFromMs: number;
  /** Null: this run has none of it. */
  readonly everyMs: Readonly<Record<TroubleKind, number | null>>;
}

const usualEveryMs: Readonly<Record<TroubleKind, number>> = {
  'crash-api': 1_500,
  'freeze-api': 1_500,
  'crash-relay': 4_000,
  'freeze-relay': 4_000,
  'crash-consumer': 3_000,
  'freeze-consumer': 3_000,
  'restart-redis': 4_000,
  'fail-over-redis': 1_000,
  evict: 100,
  'cut-redis': 3_000,
  'cut-search': 4_000,
  'lose-search': 12_000,
  'switch-search': 6_000,
  'cut-journal': 6_000,
  'cut-queue': 6_000,
  'cut-database': 8_000,
  'cut-registers': 10_000,
  'cut-topology': 10_000,
  'cut-centre': 15_000,
  'jump-clock': 2_000,
  'slow-part': 3_000,
  'hold-replica': 3_000,
  'lag-replica': 2_000,
};

const thinkMs = [20, 60, 150, 400, 1_000] as const;

export function planOf(random: Randomness): Plan {
  const theme = random.pick<Theme>([
    'mixture',
    'mixture',
    'mixture',
    'cut-off',
    'cut-off',
    'lagging',
    'lagging',
    'late',
    'contended',
    'contended',
    'closing',
    'closing',
    'searching',
    'searching',
    'promoting',
    'promoting',
    'promoting',
    'rotating',
  ]);
  const isCalm = random.chance(0.1);
  const rate = (usual: number): number => (isCalm || random.chance(0.4) ? 0 : usual * 2 * random.fraction());
  const mixed = Object.fromEntries(
    troubleKinds.map((kind) => {
      const isOn = !isCalm && random.chance(0.5);
      return [kind, isOn ? usualEveryMs[kind] * random.between(0.3, 2) : null];
    }),
  ) as Record<TroubleKind, number | null>;
  const plan: Plan = {
    theme,
    longShare: 0.25,
    operationsMax: 400,
    clients: 4 + random.below(8),
    apiProcesses: 2 + random.below(2),
    thinkMs: random.pick(thinkMs),
    phones: 1 + random.below(6),
    cards: random.below(4),
    readShare: random.pick([0.2, 0.5, 0.7]),
    betweenCentresMs: random.pick([0, 3, 15, 30]),
    isLoadedToTheEnd: random.chance(0.3),
    veryLateFromMs: 2_000,
    tokenDayMs: random.pick([500, 4_000, 20_000, 120_000]),
    rates: {
      refused: rate(0.01),
      lost: rate(0.01),
      late: rate(0.02),
      veryLate: rate(0.008),
      crashAtCall: rate(0.003),
      freezeAtCall: rate(0.003),
    },
    everyMs: mixed,
  };
  const quiet = quieter(plan, nuisances);
  const isMixed = random.chance(0.4);
  const unhurried = { longShare: 0.8, thinkMs: random.pick([150, 400, 1_000]) };
  // Fences come to their end only where changes are rare.
  const rareChanges = { phones: 6, cards: 3, readShare: 0.85 };
  switch (theme) {
    case 'mixture':
      return plan;
    case 'cut-off': {
      // One database cluster cut off from B as well, and B's replicas behind: what is suspended is not emptied in time.
      const harder = { 'cut-database': 5_000, 'hold-replica': 3_000 };
      return {
        ...quiet,
        ...unhurried,
        betweenCentresMs: 30,
        // Mostly reads, quickly answered from the caches: only rare changes let a suspended Redis come back meanwhile.
        operationsMax: 1_200,
        thinkMs: random.pick([100, 200, 400]),
        readShare: isMixed ? random.pick([0.93, 0.97]) : 0.8,
        phones: 1 + random.below(3),
        cards: 1,
        everyMs: { ...quiet.everyMs, 'cut-redis': 5_000, 'slow-part': 4_000, ...(isMixed ? {} : harder) },
      };
    }
    case 'lagging':
      return {
        ...quiet,
        ...unhurried,
        ...rareChanges,
        everyMs: { ...quiet.everyMs, 'hold-replica': 8_000, evict: 20 },
      };
    case 'contended':
      return {
        ...quiet,
        longShare: 0.8,
        veryLateFromMs: random.pick([2_000, 13_000]),
        tokenDayMs: random.pick([500, 4_000]),
        thinkMs: random.pick([400, 1_000, 3_000]),
        phones: 1 + random.below(2),
        cards: random.below(2),
        readShare: 0.3,
        isLoadedToTheEnd: false,
        rates: { ...quiet.rates, veryLate: 0.03, crashAtCall: 0.005, freezeAtCall: 0.005 },
      };
    case 'closing': {
      // Writers that are late, and promises that take long to come.
      const late = { late: 0.02, veryLate: 0.04 };
      const everyMs = { 'slow-part': 1_500, 'cut-journal': 6_000, 'freeze-api': 1_500 };
      return {
        ...(isMixed ? plan : quiet),
        longShare: 0.8,
        operationsMax: 600,
        thinkMs: random.pick([60, 150, 400]),
        readShare: 0.3,
        isLoadedToTheEnd: false,
        rates: { ...(isMixed ? plan : quiet).rates, ...late },
        everyMs: { ...(isMixed ? plan : quiet).everyMs, ...everyMs },
      };
    }
    case 'searching': {
      const everyMs = {
        'lose-search': 2_500,
        'switch-search': 5_000,
        'cut-search': 2_000,
        evict: 20,
        ...(isMixed ? { 'crash-relay': 4_000, 'freeze-relay': 4_000, 'freeze-consumer': 3_000 } : {}),
      };
      return {
        ...quiet,
        ...rareChanges,
        // Hardly a change: as long as a fence stands, nobody is misled by a cluster that lacks what it notes.
        readShare: 0.97,
        operationsMax: 1_500,
        thinkMs: random.pick([100, 200, 400]),
        rates: { ...quiet.rates, late: isMixed ? 0.01 : 0 },
        everyMs: { ...quiet.everyMs, ...everyMs },
      };
    }
    case 'promoting': {
      const late = { late: 0.02, veryLate: isMixed ? 0.02 : 0 };
      const everyMs = {
        'lag-replica': 1_000,
        'hold-replica': 3_000,
        'freeze-api': 3_000,
        'crash-api': 3_000,
        'slow-part': 3_000,
      };
      return {
        ...(isMixed ? plan : quiet),
        operationsMax: 500,
        thinkMs: random.pick([60, 150, 400]),
        phones: 2 + random.below(4),
        readShare: 0.35,
        isLoadedToTheEnd: false,
        // Records are not trimmed meanwhile: what is lost is judged by them.
        tokenDayMs: 120_000,
        rates: { ...(isMixed ? plan : quiet).rates, ...late, crashAtCall: 0.004, freezeAtCall: 0.002 },
        everyMs: { ...(isMixed ? plan : quiet).everyMs, ...everyMs },
      };
    }
    case 'rotating': {
      // A key whose Redis is away is answered by whatever is left, and may be behind the other.
      const everyMs = {
        'cut-redis': 2_000,
        'cut-search': 2_000,
        'cut-database': 4_000,
        'freeze-consumer': 2_000,
        'slow-part': 3_000,
        evict: 30,
      };
      return {
        ...quiet,
        longShare: 0.5,
        operationsMax: 600,
        thinkMs: random.pick([60, 150, 400]),
        phones: 1 + random.below(2),
        cards: random.below(2),
        readShare: 0.5,
        rates: { ...quiet.rates, lost: 0.01, late: 0.02, veryLate: isMixed ? 0.01 : 0, crashAtCall: 0.003 },
        everyMs: { ...quiet.everyMs, ...everyMs },
      };
    }
    case 'late':
      return {
        ...quiet,
        ...unhurried,
        ...rareChanges,
        rates: { ...quiet.rates, late: 0.02, veryLate: 0.04 },
        everyMs: { ...quiet.everyMs, evict: 50 },
      };
  }
}

/** The plan without some kinds of faults. */
export function quieter(plan: Plan, without: readonly Nuisance[]): Plan {
  const rates = Object.fromEntries(
    messageFaults.map((fault) => [fault, without.includes(fault) ? 0 : plan.rates[fault]]),
  );
  const everyMs = Object.fromEntries(
    troubleKinds.map((kind) => [kind, without.includes(kind) ? null : plan.everyMs[kind]]),
  );
  return { ...plan, rates: rates as unknown as Rates, everyMs: everyMs as unknown as Plan['everyMs'] };
}
