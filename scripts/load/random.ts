/** A generator of numbers from 0 to below 1 that repeats exactly from its seed (mulberry32). */
export type Random = () => number;

export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A whole number from 0 to below `end`. */
export function below(end: number, random: Random): number {
  return Math.floor(random() * end);
}

export function oneOf<Item>(items: readonly Item[], random: Random): Item {
  const item = items[below(items.length, random)];
  if (item === undefined) throw new Error('nothing to choose from');
  return item;
}

/** The numbers from 0 to below `count`, in an order of its own. */
export function shuffled(count: number, random: Random): Uint32Array {
  const numbers = Uint32Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last--) {
    const other = below(last + 1, random);
    const number = numbers[last] ?? 0;
    numbers[last] = numbers[other] ?? 0;
    numbers[other] = number;
  }
  return numbers;
}
