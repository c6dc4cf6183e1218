import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pick } from '../../../functions/core/cache/rendezvous.ts';

const keyCount = 100_000;
const namesOf = (count: number) => Array.from({ length: count }, (_, i) => `redis-a-${i}`);
/** The shapes that keys have: members' ids that share a prefix, and hashes of identifiers. */
const shapes: [string, (i: number) => string][] = [
  [
    'members',
    (i) => `m:0198c0de-7${i.toString(16).padStart(3, '0')}-7abc-8def-${String(i * 7919).padStart(12, '0')}`,
  ],
  ['identifiers', (i) => `i:1.${Buffer.from(String(i * 2_654_435_761)).toString('base64url')}`],
];

describe('rendezvous hashing', () => {
  test.each([2, 8].flatMap((count) => shapes.map(([shape, keyOf]) => [count, shape, keyOf] as const)))(
    'spreads evenly over %i names: %s',
    (count, _, keyOf) => {
      const counts = new Map<string, number>();
      const names = namesOf(count);
      for (let i = 0; i < keyCount; i++) {
        const name = pick(names, keyOf(i));
        counts.set(name, (counts.get(name) ?? 0) + 1);
      }
      for (const name of names) {
        const share = (counts.get(name) ?? 0) / (keyCount / count);
        expect(share).toBeGreaterThan(0.95);
        expect(share).toBeLessThan(1.05);
      }
    },
  );

  test('a name that is added takes its share, and no other key moves', () => {
    const [, keyOf] = shapes[0] as (typeof shapes)[number];
    const [four, five] = [namesOf(4), namesOf(5)];
    let moved = 0;
    for (let i = 0; i < keyCount; i++) {
      const before = pick(four, keyOf(i));
      const after = pick(five, keyOf(i));
      if (before === after) continue;
      moved += 1;
      if (after !== 'redis-a-4') expect.fail(`${keyOf(i)} moved to ${after}`);
    }
    expect(moved / keyCount).toBeGreaterThan(0.2 * 0.95);
    expect(moved / keyCount).toBeLessThan(0.2 * 1.05);
  });

  test('the order of the names does not matter', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 8 }), fc.string(), (names, key) => {
        expect(names).toContain(pick(names, key));
        expect(pick([...names].reverse(), key)).toBe(pick(names, key));
      }),
    );
  });

  test('picks what it always picked: a change of the hash would move nearly every key', () => {
    const keys = ['m:1', 'm:2', 'm:3', 'm:4', 'i:1.abc', 'i:1.abd'];
    expect(keys.map((key) => pick(namesOf(4), key).slice(-1)).join('')).toBe('230001');
  });

  test('there must be a name', () => {
    expect(() => pick([], 'm:1')).toThrow('nothing to pick from');
  });
});
