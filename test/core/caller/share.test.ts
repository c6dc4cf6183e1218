import { describe, expect, it } from 'vitest';
import { makeShare } from '../../../functions/core/caller/share.ts';
import { makeHandClock } from '../../adapters/wall-clock.ts';

describe('a share', () => {
  it('gives its burst at once, and then nothing', () => {
    const share = makeShare({ perSecond: 10, burst: 3 }, makeHandClock());
    expect([share.take(1), share.take(1), share.take(1), share.take(1)]).toEqual([1, 1, 1, 0]);
  });

  it('gives what there is of what is wanted', () => {
    const share = makeShare({ perSecond: 10, burst: 3 }, makeHandClock());
    expect([share.take(100), share.take(100)]).toEqual([3, 0]);
  });

  it('is filled at its rate, up to its burst', () => {
    const clock = makeHandClock();
    const share = makeShare({ perSecond: 10, burst: 3 }, clock);
    share.take(3);
    clock.advance(99);
    expect(share.take(1)).toBe(0);
    clock.advance(1);
    expect([share.take(1), share.take(1)]).toEqual([1, 0]);
    clock.advance(3_600_000);
    expect(share.take(100)).toBe(3);
  });

  it('gives no more than its rate over time, however it is asked', () => {
    const clock = makeHandClock();
    const share = makeShare({ perSecond: 50, burst: 5 }, clock);
    let taken = 0;
    for (let ms = 0; ms < 10_000; ms += 3) {
      taken += share.take(2);
      clock.advance(3);
    }
    expect(taken).toBeLessThanOrEqual(505);
    expect(taken).toBeGreaterThan(490);
  });
});
