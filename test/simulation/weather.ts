/**
 * The weather: what goes wrong between processes and engines. Parts may be cut off from a centre's processes or be
 * slow for a while; and any request or answer may be lost, refused or very late by its seed's rates.
 */
import type { CentreName } from '../../functions/core/propagation/event.ts';
import type { Randomness } from './random.ts';

/** How one request or one answer travels. `lost` never arrives; `refused` comes back as a failure at once. */
export type Passage = { readonly kind: 'pass' | 'refused'; readonly delayMs: number } | { readonly kind: 'lost' };

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
  cut(part: string, from: readonly CentreName[], forMs: number): void;
  slow(part: string, byMs: number, forMs: number): void;
  /** No more faults: everything passes. */
  clearUp(): void;
}

interface Trouble {
  readonly part: string;
  readonly from: readonly CentreName[];
  readonly slowByMs: number | null;
  readonly endsAtMs: number;
}

export function makeWeather(random: Randomness, rates: Rates, nowMs: () => number): Weather {
  let troubles: Trouble[] = [];
  let isClear = false;
  const { refused, lost, late, veryLate } = rates;
  const anyFault = refused + lost + late + veryLate;
  const usual = (): number => 0.1 + random.fraction() * random.fraction() * 4;

  const add = (trouble: Trouble): void => {
    troubles = [...troubles.filter(({ endsAtMs }) => endsAtMs > nowMs()), trouble];
  };

  return {
    passage(part, from, direction) {
      if (isClear) return { kind: 'pass', delayMs: usual() };
      const trouble = troubles.find((one) => one.part === part && one.endsAtMs > nowMs() && one.from.includes(from));
      if (trouble) {
        if (trouble.slowByMs !== null) return { kind: 'pass', delayMs: trouble.slowByMs * (0.5 + random.fraction()) };
        return direction === 'request' && random.chance(0.5) ? { kind: 'refused', delayMs: usual() } : { kind: 'lost' };
      }
      const drawn = random.fraction();
      if (drawn >= anyFault) return { kind: 'pass', delayMs: usual() };
      if (drawn < refused) return { kind: 'refused', delayMs: usual() };
      if (drawn < refused + lost) return { kind: 'lost' };
      const delayMs = drawn < refused + lost + late ? random.between(20, 2_000) : random.between(2_000, 30_000);
      return { kind: 'pass', delayMs };
    },
    cut: (part, from, forMs) => add({ part, from, slowByMs: null, endsAtMs: nowMs() + forMs }),
    slow: (part, byMs, forMs) => add({ part, from: ['A', 'B'], slowByMs: byMs, endsAtMs: nowMs() + forMs }),
    clearUp() {
      isClear = true;
      troubles = [];
    },
  };
}
