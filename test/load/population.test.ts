import { expect, test } from 'vitest';
import { makePopulation, nameOf } from '../../scripts/load/population.ts';

const patterns = {
  phone: /^\+[1-9]\d{6,14}$/,
  unionId: /^[A-Za-z0-9._:-]{1,64}$/,
  cardNo: /^\d{6,20}$/,
  'account:tongcheng-app': /^[A-Za-z0-9._:-]{1,64}$/,
};

test('a seed gives the same members again, and another seed shares no identifier with them', () => {
  const some = makePopulation(1, 500);
  expect(makePopulation(1, 500)).toEqual(some);
  const valuesOf = (seats: typeof some) =>
    seats.flatMap(({ holdings, spare }) => [...Object.values(holdings), spare.value]);
  const all = [...valuesOf(some), ...valuesOf(makePopulation(2, 500))];
  expect(new Set(all).size).toBe(all.length);
});

test('members are as the API takes them, up to the largest number', () => {
  const seats = makePopulation(3, 100_000);
  for (const seat of [...seats.slice(0, 60), ...seats.slice(-60)]) {
    for (const [field, pattern] of Object.entries(patterns)) {
      const value = seat.holdings[field];
      if (value !== undefined) expect(value).toMatch(pattern);
    }
    expect(Object.keys(seat.holdings)).toContain(seat.usualField);
    expect([...nameOf(seat, 9)].length).toBeLessThanOrEqual(100);
  }
  expect(new Set(seats.map(({ usualField }) => usualField))).toEqual(new Set(Object.keys(patterns)));
});
