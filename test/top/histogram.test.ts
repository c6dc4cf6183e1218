import fc from 'fast-check';
import { expect, it } from 'vitest';
import { addTo, makeHistogram, mergeInto, percentileOf } from '../../scripts/top/histogram.ts';

const of = (values: readonly number[]) => {
  const histogram = makeHistogram();
  for (const value of values) addTo(histogram, value);
  return histogram;
};

it('has no percentile of nothing', () => {
  expect(percentileOf(makeHistogram(), 0.5)).toBeNull();
});

it('is never below the true percentile, and at most 6 % above', () => {
  const durations = fc.array(fc.double({ min: 0.011, max: 60_000, noNaN: true }), {
    minLength: 1,
    maxLength: 300,
  });
  fc.assert(
    fc.property(durations, fc.constantFrom(0.5, 0.9, 0.99, 1), (values, share) => {
      const sorted = values.toSorted((one, other) => one - other);
      const exact = sorted[Math.max(1, Math.ceil(values.length * share)) - 1] as number;
      const found = percentileOf(of(values), share) as number;
      expect(found).toBeGreaterThanOrEqual(exact * 0.999_999);
      expect(found).toBeLessThanOrEqual(exact * 1.060_001);
    }),
  );
});

it('is the same of parts that are put together', () => {
  const whole = of([1, 2, 3, 4, 500]);
  const parts = of([1, 500]);
  mergeInto(parts, of([2, 3, 4]));
  expect(parts).toEqual(whole);
});

it('takes what is out of its range into its ends', () => {
  const histogram = of([-1, 0, 1e12]);
  expect(histogram.counts.length).toBeLessThan(1_000);
  expect(percentileOf(histogram, 0.5)).toBe(0.01);
  expect(percentileOf(histogram, 1)).toBeGreaterThan(60_000);
});
