/** From what clients saw to the figures of a scenario, the timeline and the page. */
import { describe, expect, it } from 'vitest';
import type { Drilled } from '../../scripts/drill/judgement/judge-drill.ts';
import { nothingObserved } from '../../scripts/drill/judgement/observed.ts';
import { scenarioFigures } from '../../scripts/drill/judgement/scenario-figures.ts';
import { pageOf } from '../../scripts/drill/report/page.ts';
import { tableOf } from '../../scripts/drill/report/table.ts';
import { secondsOf } from '../../scripts/drill/report/timeline.ts';
import type { Scenario } from '../../scripts/drill/scenario.ts';
import type { Attempt, RequestSeen, Seen } from '../../scripts/drill/traffic/seen.ts';
import type { HistoryEntry } from '../../scripts/judge/history.ts';
import { fault } from '../../scripts/judge/verdict.ts';

const attempt = (startMs: number, more: Partial<Attempt> = {}): Attempt => ({
  ...{ lane: 'critical', kind: 'read', isFirst: true, target: 'front-door', failure: null },
  ...{ startMs, endMs: startMs + 4, source: 'cache', freshness: 'fresh' },
  ...more,
});
const seenOf = (attempts: readonly Attempt[]): Seen => ({
  attempts: [...attempts],
  requests: attempts.map(({ target: _, isFirst: __, ...rest }): RequestSeen => ({ ...rest, attempts: 1 })),
});
const scenario: Scenario = {
  ...{ name: 'kill-it', fault: 'kill -9 of <it>', promises: 'nobody notices', of: 'engine', seconds: 5 },
  switches: 'search',
  source: 'cache',
  begin: async () => {},
  end: async () => {},
};
const carried = {
  name: 'kill-it',
  fault: { startMs: 20_000, endMs: 25_000 },
  settledAtMs: 26_500,
  withoutWriter: [],
  endMs: 30_000,
};
const failed = { failure: '503 unavailable', source: null, freshness: null } as const;
const seen = seenOf([
  attempt(10_500),
  attempt(20_100, { source: 'search:primary' }),
  attempt(20_200, { ...failed, kind: 'write' }),
  attempt(21_000, { source: 'replica:mysql-b-0', freshness: 'stale' }),
  attempt(22_000, { lane: 'marketing', ...failed }),
  attempt(29_999),
  attempt(31_000, failed),
]);
const entryAt = (ms: number) => ({ start: ms * 1e6, end: ms * 1e6 + 1 }) as HistoryEntry;
const figures = scenarioFigures({
  ...{ scenario, carried, seen, beganMs: 10_000, measured: { promotionSeconds: 3 } },
  faults: [
    fault('I4', 'noSilentStaleness', 'within', [entryAt(5_000), entryAt(21_000)]),
    fault('I4', 'noSilentStaleness', 'after', [entryAt(21_000), entryAt(40_000)]),
    fault('I1', 'another', 'within', [entryAt(21_000)]),
  ],
  lost: [
    { startMs: 24_000, endMs: 24_100 },
    { startMs: 19_000, endMs: 19_100 },
  ],
});

describe('a scenario', () => {
  it('counts what was under way from the fault’s start until the next could begin', () => {
    expect(figures).toMatchObject({
      name: 'kill-it',
      requests: 5,
      criticalReads: { client: { asked: 3, failed: 0, share: 1 }, longestGapMs: 8_996 },
      criticalWrites: { client: { asked: 1, failed: 1, failures: { '503 unavailable': 1 } } },
      marketingReads: { client: { asked: 1, failed: 1 } },
      sources: { 'search:primary': 1, 'replica:mysql-b-0': 1, cache: 1 },
      freshness: { fresh: 2, stale: 1 },
    });
  });

  it('tells what was stale, silently and not, and what was lost in it', () => {
    expect(figures).toMatchObject({ staleSilent: 1, staleLabelled: 1, acknowledgedLost: 1 });
  });

  it('tells when it began and ended, and how long switching and coming back took', () => {
    expect(figures).toMatchObject({
      ...{ startSeconds: 10, faultSeconds: 5, switchSeconds: 0, backSeconds: 1.5 },
      ...{ sinksEqual: true, promotionSeconds: 3, readAgainSeconds: 5.003 },
    });
  });
});

describe('the timeline', () => {
  const seconds = secondsOf(seen, 10_000);

  it('has a place for every second, of the critical lane', () => {
    expect(seconds).toHaveLength(22);
    expect(seconds[0]).toMatchObject({ requests: 1, p50Ms: 4, failed: 0, sources: { cache: 1 } });
    expect(seconds[1]).toMatchObject({ requests: 0, p50Ms: null });
    expect(seconds[10]).toMatchObject({ requests: 2, failed: 1, failedAttempts: 1 });
    expect(seconds[11]).toMatchObject({ sources: { replica: 1 }, freshness: { stale: 1 } });
    expect(seconds[12]).toMatchObject({ requests: 0, failedAttempts: 0 });
  });
});

it('the page holds the charts with the faults over them, and everything in itself', () => {
  const drilled = {
    ...{ commit: 'abc1234', seconds: 60, requests: 7, ratePerSecond: 100, members: 10 },
    ...{ criticalReadAvailability: 0.75, writeAvailabilityOutsidePromotion: 1, lostAcknowledged: 0 },
    ...{ silentStale: 1, twoOwners: 0, divergedSinks: 0, promotionSeconds: 3, convergedSeconds: 5 },
    ...{
      otherFaults: 0,
      observerMisses: 0,
      observed: nothingObserved,
      scenarios: [figures],
      reasons: ['it is <slow>'],
    },
    ...{
      faults: [],
      differences: [{ sink: 'redis:a', what: 'an entry' }],
      undecided: 0,
      seen,
      beganMs: 10_000,
    },
  } satisfies Drilled;
  const page = pageOf(drilled, secondsOf(seen, 10_000));
  expect(page.match(/class="fault"/g)).toHaveLength(5);
  expect(page).toContain('it is &lt;slow&gt;');
  expect(page).toContain('kill -9 of &lt;it&gt;');
  expect(page).toContain('redis:a differs: an entry');
  expect(page).not.toMatch(/<script|<link|https?:\/\/|NaN|undefined/);
  expect(tableOf(drilled)).toMatch(/^kill-it +3 +0 +1 +1 /m);
});
