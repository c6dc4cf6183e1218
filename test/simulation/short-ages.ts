/** Trimming with ages that come within a run: what is trimmed must be missed by nobody. */
import type { Retention } from '../../functions/core/failover/retention.ts';
import { slotCount } from '../../functions/core/sharding/sharding.ts';

/** What a clock that is set right shows when a run begins. */
export const startOfTimeMs = 1_767_225_600_000;

/** A caller repeats a request for at most this long after it first asked, with all its attempts. */
export const repeatedForMs = 15_000;

export interface ShortAges {
  readonly retention: Retention;
  /** Days are counted, not dated: what matters is that they follow on each other, in eight digits. */
  dayOf(nowMs: number): number;
}

/** By how much a relay's clock may be ahead: far less than a day, which is short here. */
const clocksDifferMs = 1_000;

/** Tokens of the day before are kept. With the shortest days they are trimmed while their claims are still about. */
export function shortAges(dayMs: number): ShortAges {
  const dayOf = (nowMs: number): number => 20_260_101 + Math.floor((nowMs - startOfTimeMs) / dayMs);
  return {
    dayOf,
    retention: {
      slotsARound: slotCount,
      // Attempts that wait for their callers' patience, freezes and late messages come on top of a repeat's age.
      idempotencyMs: repeatedForMs + 105_000,
      registrationMs: repeatedForMs + 115_000,
      journalMs: Number.POSITIVE_INFINITY,
      oldestTokenDay: (nowMs) => dayOf(nowMs - clocksDifferMs) - 1,
    },
  };
}
