import { expect, it } from 'vitest';
import { reasonsAgainst, type Totals } from '../../scripts/drill/judgement/goals.ts';
import type { LaneFigures, ScenarioFigures } from '../../scripts/drill/judgement/scenario-figures.ts';

const met: Totals = {
  criticalReadAvailability: 0.9999,
  writeAvailabilityOutsidePromotion: 0.9999,
  lostAcknowledged: 0,
  silentStale: 0,
  twoOwners: 0,
  divergedSinks: 0,
  promotionSeconds: 9.9,
  convergedSeconds: 30,
  otherFaults: 0,
  observerMisses: 0,
};

const lane = (failed: number): LaneFigures => {
  const one = { asked: 100, failed, share: 1 - failed / 100, failures: {} };
  return { client: one, raw: one, longestGapMs: 0, p50Ms: 1, p99Ms: 2 };
};

const figures = (name: string, failed: number, switchSeconds: number | null = null): ScenarioFigures => ({
  ...{ name, fault: '', promises: '', requests: 300 },
  ...{ criticalReads: lane(failed), criticalWrites: lane(0), marketingReads: lane(0) },
  ...{ switchSeconds, backSeconds: 1, readAgainSeconds: null, sources: {}, freshness: {} },
  ...{ staleSilent: 0, staleLabelled: 0, acknowledgedLost: 0, sinksEqual: true },
  ...{ startSeconds: 10, faultSeconds: 5 },
});

const engine = { name: 'kill-search', of: 'engine', switches: 'search' } as const;
const network = { name: 'cut-a-b', of: 'network' } as const;
const both = [engine, network];

it('nothing is said against a drill that met every goal, to the brim', () => {
  const scenarios = [figures('kill-search', 0, 0.99), figures('cut-a-b', 3)];
  expect(reasonsAgainst(met, scenarios, both)).toEqual([]);
  expect(reasonsAgainst({ ...met, promotionSeconds: null }, scenarios, both)).toEqual([]);
});

it.each<[Partial<Totals>, RegExp]>([
  [{ criticalReadAvailability: 0.99989 }, /critical reads were 99\.989 % available/],
  [{ writeAvailabilityOutsidePromotion: 0.99 }, /writes outside promotions were 99\.000 % available/],
  [{ lostAcknowledged: 1 }, /1 acknowledged writes are lost/],
  [{ lostAcknowledged: null }, /no writer to ask/],
  [{ silentStale: 2 }, /2 stale answers called themselves fresh/],
  [{ twoOwners: 1 }, /1 identifiers have two owners/],
  [{ divergedSinks: 3 }, /3 sinks do not equal the database/],
  [{ promotionSeconds: 10 }, /the promotion took 10 s/],
  [{ convergedSeconds: 31 }, /31 s after the last fault/],
  [{ convergedSeconds: null }, /equal to the database never/],
  [{ otherFaults: 1 }, /cannot have been/],
  [{ observerMisses: 1 }, /by the consistency observer/],
])('%o fails it, and says why', (totals, reason) => {
  const reasons = reasonsAgainst({ ...met, ...totals }, [], both);
  expect(reasons).toHaveLength(1);
  expect(reasons[0]).toMatch(reason);
});

it('a critical read that fails for a single engine fails it; for a partition it counts in the whole', () => {
  expect(reasonsAgainst(met, [figures('kill-search', 1, 0)], both)).toEqual([
    '1 critical reads failed in kill-search, the loss of a single engine',
  ]);
  expect(reasonsAgainst(met, [figures('cut-a-b', 1)], both)).toEqual([]);
});

it('a switch that takes a second fails it', () => {
  expect(reasonsAgainst(met, [figures('kill-search', 0, 1)], both)[0]).toMatch(/felt kill-search for 1 s/);
});
