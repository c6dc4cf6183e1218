import { describe, expect, it } from 'vitest';
import { makeTally, nines } from '../../../functions/core/observer/nines.ts';

describe('nines', () => {
  it.each([
    [1, 10, 1],
    [1, 1_000, 3],
    [2, 1_000, 2.6],
    [10, 10, 0],
  ])('%i of %i failed: %f', (failed, all, expected) => expect(nines(failed, all)).toBe(expected));

  it('without a failure are what so many answers can show at least', () => {
    expect(nines(0, 9)).toBe(1);
    expect(nines(0, 998)).toBe(2.9);
  });

  it('of nothing are none', () => expect(nines(0, 0)).toBeNull());
});

describe('a tally', () => {
  it('counts by delay and centre, and leaves out what cannot be judged', () => {
    const tally = makeTally([0, 1_000], ['A', 'B']);
    for (let index = 0; index < 8; index++) tally.count(0, 'B', 'consistent');
    tally.count(0, 'B', 'missed');
    tally.count(0, 'B', 'labelled');
    tally.count(0, 'B', 'overtaken');
    tally.count(0, 'B', 'unanswered');
    const report = tally.take();
    expect(report.map(({ delayMs, centre }) => `${delayMs} ${centre}`)).toEqual([
      '0 A',
      '0 B',
      '1000 A',
      '1000 B',
    ]);
    expect(report[1]).toMatchObject({ nines: 1, ninesKnowing: 0.6, counts: { overtaken: 1, unanswered: 1 } });
    expect(tally.take()[1]?.counts.consistent).toBe(0);
  });
});
