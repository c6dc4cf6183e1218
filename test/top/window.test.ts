import { describe, expect, it } from 'vitest';
import type { BatchSeen, RelaySeen, RequestSeen } from '../../scripts/top/log-lines.ts';
import { makeWindow } from '../../scripts/top/window.ts';

const nowMs = 1_800_000_000_000;
const request = (given: Partial<RequestSeen> = {}): RequestSeen => ({
  what: 'request',
  atMs: nowMs - 500,
  lane: 'critical',
  kind: 'read',
  outcome: 'ok',
  outcomeClass: 'ok',
  durationMs: 2,
  cacheHit: 1,
  freshness: 'fresh',
  ...given,
});
const batch: BatchSeen = { what: 'batch', atMs: nowMs, messages: 2, failed: 1, agesMs: [10, 90] };
const relay = (atMs: number): RelaySeen => ({
  what: 'relay',
  atMs,
  roundsFailed: 0,
  failedDuties: {},
  rowsRedelivered: 0,
});

describe('the window', () => {
  it('counts by lane and kind', () => {
    const window = makeWindow(10);
    for (let count = 0; count < 30; count++) window.add(request({ durationMs: count === 29 ? 100 : 1 }));
    window.add(request({ kind: 'write', lane: 'marketing', cacheHit: undefined, freshness: undefined }));
    const { lanes } = window.picture(nowMs);
    expect(lanes.critical?.read).toMatchObject({
      requests: 30,
      perSecond: 3,
      hitRate: 1,
      freshness: { fresh: 1 },
    });
    expect(lanes.critical?.read.p50Ms).toBeCloseTo(1, 0);
    expect(lanes.critical?.read.p99Ms).toBeGreaterThanOrEqual(100);
    expect(lanes.marketing?.write).toMatchObject({ requests: 1, hitRate: null, freshness: null });
    expect(lanes.critical?.write).toMatchObject({ requests: 0, p50Ms: null, p99Ms: null });
  });

  it('shares out hits, freshness and outcomes', () => {
    const window = makeWindow(10);
    window.add(request());
    window.add(request({ cacheHit: 0, freshness: 'bounded' }));
    window.add(request({ cacheHit: 0, outcome: 'no-such-member', outcomeClass: 'refused' }));
    window.add(
      request({ cacheHit: undefined, freshness: undefined, outcome: 'unavailable', outcomeClass: 'failed' }),
    );
    const { lanes, errors } = window.picture(nowMs);
    const { hitRate, freshness, outcomes } = lanes.critical?.read ?? {};
    expect(hitRate).toBeCloseTo(1 / 3);
    expect(freshness?.fresh).toBeCloseTo(2 / 3);
    expect(freshness?.bounded).toBeCloseTo(1 / 3);
    expect(outcomes).toEqual({ ok: 2, refused: 1, failed: 1 });
    expect(errors).toEqual({ 'no-such-member': 1, unavailable: 1 });
  });

  it('forgets what is older than its seconds', () => {
    const window = makeWindow(10);
    window.add(request({ atMs: nowMs - 10_000 }));
    window.add(request({ atMs: nowMs - 11_000 }));
    expect(window.picture(nowMs).lanes.critical?.read.requests).toBe(1);
    expect(window.picture(nowMs + 2_000).lanes.critical?.read.requests).toBe(0);
  });

  it('goes round and round in the same memory, and takes lines a little late', () => {
    const window = makeWindow(5);
    for (let second = 0; second < 100; second++) {
      window.add(request({ atMs: nowMs + second * 1_000 }));
      if (second > 2) window.add(request({ atMs: nowMs + (second - 2) * 1_000 }));
    }
    const endMs = nowMs + 99_500;
    expect(window.picture(endMs).lanes.critical?.read.requests).toBe(10);
    // As old as that: nobody counts it, nor may it push out what is newer.
    window.add(request({ atMs: nowMs + 10_000 }));
    expect(window.picture(endMs).lanes.critical?.read.requests).toBe(10);
  });

  it('keeps the newest report of the relay, and what the queue brought', () => {
    const window = makeWindow(5);
    window.add(relay(nowMs - 20_000));
    window.add(relay(nowMs - 29_000));
    window.add(batch);
    const picture = window.picture(nowMs);
    expect(picture.relay?.atMs).toBe(nowMs - 20_000);
    expect(picture.queue).toMatchObject({ messages: 2, failed: 1, ageMaxMs: 90 });
    expect(picture.lastLineAtMs).toBe(nowMs);
  });

  it('names a bounded number of outcomes', () => {
    const window = makeWindow(5);
    for (let code = 0; code < 500; code++)
      window.add(request({ outcome: `c${code}`, outcomeClass: 'refused' }));
    const { errors } = window.picture(nowMs);
    expect(Object.keys(errors).length).toBeLessThanOrEqual(51);
    expect(Object.keys(errors)[0]).toBe('others');
  });
});
