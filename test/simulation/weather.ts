/**
 * The weather: what goes wrong between processes and engines. Parts may be cut off from a centre's processes or be
 * slow for a while; and any request or answer may be lost, refused or very late by its seed's rates.
 */
import type { CentreName } from '../../functions/core/propagation/event.ts';
import type { Choices } from './choices.ts';
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
  /** Around a call of a function that serves requests: it dies between two of its awaits. */
  readonly crashAtCall: number;
  /** The same: it is frozen there, for a minute at the longest. */
  readonly freezeAtCall: number;
}

/** What befalls a function around one of its calls. */
export type Mishap =
  | { readonly kind: 'crash'; readonly inMs: number }
  | { readonly kind: 'freeze'; readonly inMs: number; readonly forMs: number };

type Direction = 'request' | 'answer';

export interface Weather {
  /** @param direction of a request towards an engine, or of its answer */
  passage(part: string, from: CentreName, direction: Direction): Passage;
  /** What befalls a function that is about to make a call. */
  mishap(): Mishap | null;
  /** How long an engine takes between two steps of one call. */
  stallMs(): number;
  /** @param only one way alone is cut: nothing reaches the part, or nothing comes back from it */
  cut(part: string, from: readonly CentreName[], forMs: number, only?: Direction): void;
  slow(part: string, from: readonly CentreName[], byMs: number, forMs: number): void;
  /** No more faults: everything passes. */
  clearUp(): void;
}

interface Trouble {
  readonly part: string;
  readonly from: readonly CentreName[];
  readonly slowByMs: number | null;
  readonly only: Direction | null;
  readonly endsAtMs: number;
}

/** The centre that a part stands in; null for what is a way off from both. */
export function homeOf(part: string): CentreName | null {
  if (/^c\d( a-\d)?$|-a(-\d)?$|-A$|^primary$/.test(part)) return 'A';
  return part === 'witness' ? null : 'B';
}

/** How long a trouble lasts: mostly short, at times long enough to outlast claims, leases and fences, or a whole minute. */
export function whileMs(random: Randomness, longShare: number): number {
  if (!random.chance(longShare)) return random.between(50, 2_000);
  return random.chance(0.1) ? random.between(20_000, 60_000) : random.between(2_000, 20_000);
}

/** @param betweenCentresMs what one way from a centre to the other takes more */
export function makeWeather(
  random: Randomness,
  rates: Rates,
  betweenCentresMs: number,
  nowMs: () => number,
  choices: Choices,
  veryLateFromMs = 2_000,
): Weather {
  let troubles: Trouble[] = [];
  let isClear = false;
  const { refused, lost, late, veryLate, crashAtCall, freezeAtCall } = rates;
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
        (one) =>
          one.part === part &&
          one.endsAtMs > nowMs() &&
          one.from.includes(from) &&
          (one.only ?? direction) === direction,
      );
      if (trouble) {
        if (trouble.slowByMs !== null)
          return { kind: 'pass', delayMs: trouble.slowByMs * (0.5 + random.fraction()) };
        return direction === 'request' && random.chance(0.5)
          ? { kind: 'refused', delayMs: usual(part, from) }
          : { kind: 'lost' };
      }
      const drawn = random.fraction();
      if (drawn >= anyFault || !choices.take()) return { kind: 'pass', delayMs: usual(part, from) };
      if (drawn < refused) return { kind: 'refused', delayMs: usual(part, from) };
      if (drawn < refused + lost) return { kind: 'lost' };
      const delayMs =
        drawn < refused + lost + late ? random.between(20, 2_000) : random.between(veryLateFromMs, 30_000);
      return { kind: 'pass', delayMs };
    },
    mishap() {
      if (isClear || crashAtCall + freezeAtCall === 0) return null;
      const drawn = random.fraction();
      if (drawn >= crashAtCall + freezeAtCall || !choices.take()) return null;
      // Mostly while the call is under way or just answered.
      const inMs = random.fraction() * random.fraction() * 10;
      if (drawn < crashAtCall) return { kind: 'crash', inMs };
      return { kind: 'freeze', inMs, forMs: whileMs(random, 0.5) };
    },
    stallMs: () =>
      !isClear && random.chance(late + veryLate) && choices.take()
        ? random.between(0, 6_000)
        : random.fraction(),
    cut: (part, from, forMs, only) =>
      add({ part, from, slowByMs: null, only: only ?? null, endsAtMs: nowMs() + forMs }),
    slow: (part, from, byMs, forMs) =>
      add({ part, from, slowByMs: byMs, only: null, endsAtMs: nowMs() + forMs }),
    clearUp() {
      isClear = true;
      troubles = [];
    },
  };
}
