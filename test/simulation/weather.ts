/**
 * The weather: what goes wrong between processes and engines. Parts may be cut off from a centre's processes or be
 * slow for a while; and any request or answer may be lost, refused or very late by its seed's rates.
 */
import type { CentreName } from '../../functions/core/propagation/event.ts';
import type { Randomness } from './random.ts';

/** How one request or one answer travels. `lost` never arrives; `refused` comes back as a failure at once. */
export type Passage =
  | { readonly kind: 'pass' | 'refused'; readonly delayMs: number }
  | { readonly kind: 'lost' };

/** The chances of each message. */
export interface Rates {
  readonly refused: number;
  readonly lost: number;
  /** Late by up to two seconds: mostly beyond its call's deadline. */
  readonly late: number;
  /** Late by up to half a minute: after claims, fences and leases have come to their ends. */
  readonly veryLate: number;
}

export interface Weather {
  /** @param direction of a request towards an engine, or of its answer */
  passage(part: string, from: CentreName, direction: 'request' | 'answer'): Passage;
  /** How long an engine takes between two steps of one call. */
  stallMs(): number;
  cut(part: string, from: readonly CentreName[], forMs: number): void;
  slow(part: string, from: readonly CentreName[], byMs: number, forMs: number): void;
  /** No more faults: everything passes. */
  clearUp(): void;
}

interface Trouble {
  readonly part: string;
  readonly from: readonly CentreName[];
  readonly slowByMs: number | null;
  readonly endsAtMs: number;
}

/** The centre that a part stands in; null for what is a way off from both. */
function homeOf(part: string): CentreName | null {
  if (/^c\d( a-\d)?$|-a(-\d)?$|-A$|^primary$/.test(part)) return 'A';
  return part === 'witness' ? null : 'B';
}

/** @param betweenCentresMs what one way from a centre to the other takes more */
export function makeWeather(
  random: Randomness,
  rates: Rates,
  betweenCentresMs: number,
  nowMs: () => number,
): Weather {
  let troubles: Trouble[] = [];
  let isClear = false;
  const { refused, lost, late, veryLate } = rates;
  const anyFault = refused + lost + late + veryLate;
  const homes = new Map<string, CentreName | null>();
  const usual = (part: string, from: CentreName): number => {
    if (!homes.has(part)) homes.set(part, homeOf(part));
    const near = 0.1 + random.fraction() * random.fraction() * 4;
    return homes.get(part) === from ? near : near + betweenCentresMs;
  };

  const add = (trouble: Trouble): void => {
    troubles = [...troubles.filter(({ endsAtMs }) => endsAtMs > nowMs()), trouble];
  };

  return {
    passage(part, from, direction) {
      if (isClear) return { kind: 'pass', delayMs: usual(part, from) };
      const trouble = troubles.find(
        (one) => one.part === part && one.endsAtMs > nowMs() && one.from.includes(from),
      );
      if (trouble) {
        if (trouble.slowByMs !== null)
          return { kind: 'pass', delayMs: trouble.slowByMs * (0.5 + random.fraction()) };
        return direction === 'request' && random.chance(0.5)
          ? { kind: 'refused', delayMs: usual(part, from) }
          : { kind: 'lost' };
      }
      const drawn = random.fraction();
      if (drawn >= anyFault) return { kind: 'pass', delayMs: usual(part, from) };
      if (drawn < refused) return { kind: 'refused', delayMs: usual(part, from) };
      if (drawn < refused + lost) return { kind: 'lost' };
      const delayMs =
        drawn < refused + lost + late ? random.between(20, 2_000) : random.between(2_000, 30_000);
      return { kind: 'pass', delayMs };
    },
    stallMs: () =>
      !isClear && random.chance(late + veryLate) ? random.between(0, 6_000) : random.fraction(),
    cut: (part, from, forMs) => add({ part, from, slowByMs: null, endsAtMs: nowMs() + forMs }),
    slow: (part, from, byMs, forMs) => add({ part, from, slowByMs: byMs, endsAtMs: nowMs() + forMs }),
    clearUp() {
      isClear = true;
      troubles = [];
    },
  };
}
