/**
 * A share of something: so much a second, and a burst of it after a pause. A token bucket that is filled whenever it is
 * looked at, so that nothing has to run in between.
 */
import type { Clock } from '../kernel/clock.ts';

export interface Rate {
  readonly perSecond: number;
  /** The most that can be taken at once. */
  readonly burst: number;
}

export interface Share {
  /** Takes as many of `wanted` as there are now, and answers how many. */
  take(wanted: number): number;
}

export function makeShare({ perSecond, burst }: Rate, clock: Pick<Clock, 'monotonicMs'>): Share {
  let there = burst;
  let filledAtMs = clock.monotonicMs();
  return {
    take(wanted) {
      const nowMs = clock.monotonicMs();
      there = Math.min(burst, there + ((nowMs - filledAtMs) * perSecond) / 1000);
      filledAtMs = nowMs;
      const taken = Math.min(wanted, Math.floor(there));
      there -= taken;
      return taken;
    },
  };
}
