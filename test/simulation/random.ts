/** Randomness from a seed: the only source of chance in a simulation. */
export interface Randomness {
  /** 0 to below 1. */
  fraction(): number;
  /** A whole number from 0 to below `limit`. */
  below(limit: number): number;
  between(low: number, high: number): number;
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** Mostly near `mean`, sometimes several times as much: the pause before an event that comes at random. */
  pause(mean: number): number;
  /** A source of its own, from the next number of this one: what is drawn there moves nothing here. */
  fork(): Randomness;
}

/** sfc32, seeded by counting through splitmix32: small, fast, and long enough for a run. */
export function makeRandomness(seed: number): Randomness {
  let counter = seed | 0;
  const scramble = (): number => {
    counter = (counter + 0x9e3779b9) | 0;
    let mixed = counter ^ (counter >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return mixed ^ (mixed >>> 15);
  };
  let [a, b, c, d] = [scramble(), scramble(), scramble(), 1];
  const fraction = (): number => {
    const sum = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 4_294_967_296;
  };
  for (let round = 0; round < 12; round++) fraction();

  const below = (limit: number): number => Math.floor(fraction() * limit);
  return {
    fraction,
    below,
    between: (low, high) => low + fraction() * (high - low),
    chance: (probability) => fraction() < probability,
    pick<T>(list: readonly T[]): T {
      if (list.length === 0) throw new Error('nothing to pick from');
      return list[below(list.length)] as T;
    },
    pause: (mean) => -Math.log(1 - fraction()) * mean,
    fork: () => makeRandomness(below(2 ** 32)),
  };
}
