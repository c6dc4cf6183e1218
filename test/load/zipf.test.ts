import { describe, expect, test } from 'vitest';
import { seeded, shuffled } from '../../scripts/load/random.ts';
import { makeZipf } from '../../scripts/load/zipf.ts';

const draws = 200_000;

function counted(count: number, exponent: number): number[] {
  const draw = makeZipf(count, exponent, seeded(1));
  const counts = new Array<number>(count).fill(0);
  for (let index = 0; index < draws; index++) {
    const rank = draw();
    counts[rank] = (counts[rank] ?? 0) + 1;
  }
  return counts;
}

describe('draws by the law of Zipf', () => {
  test('fall off by rank as the exponent says', () => {
    const counts = counted(1_000, 0.99);
    const shareOf = (rank: number) => (counts[rank] ?? 0) / draws;
    const sum = Array.from({ length: 1_000 }, (_, rank) => 1 / (rank + 1) ** 0.99).reduce((a, b) => a + b);
    for (const rank of [0, 1, 9, 99]) {
      const expected = 1 / (rank + 1) ** 0.99 / sum;
      expect(Math.abs(shareOf(rank) - expected)).toBeLessThan(4 * Math.sqrt(expected / draws));
    }
  });

  test('are even without an exponent', () => {
    const counts = counted(10, 0);
    for (const count of counts) expect(Math.abs(count / draws - 0.1)).toBeLessThan(0.005);
  });

  test('reach the first and the last rank, and nothing else', () => {
    const edges = [0, 0.999_999_999];
    expect(edges.map((value) => makeZipf(5, 0.99, () => value)())).toEqual([0, 4]);
    expect(makeZipf(1, 0.99, () => 0.5)()).toBe(0);
  });
});

test('a seed gives the same numbers again, and another one others', () => {
  const take = (seed: number) => Array.from({ length: 5 }, seeded(seed));
  expect(take(7)).toEqual(take(7));
  expect(take(7)).not.toEqual(take(8));
  expect(take(7).every((value) => value >= 0 && value < 1)).toBe(true);
});

test('an order holds every number once', () => {
  const order = shuffled(100, seeded(3));
  expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, index) => index));
  expect([...order.slice(0, 5)]).not.toEqual([0, 1, 2, 3, 4]);
});
