import { describe, expect, it } from 'vitest';
import {
  availabilityOf,
  longestGapMs,
  quantile,
  switchedAfterMs,
  writesBackAtMs,
} from '../../scripts/drill/judgement/availability.ts';
import { overlaps } from '../../scripts/drill/judgement/spans.ts';

const answered = (startMs: number, endMs = startMs + 5) => ({ startMs, endMs, failure: null });
const failed = (startMs: number, failure = 'no answer') => ({ startMs, endMs: startMs + 5, failure });

describe('availability', () => {
  it('is the share of what was answered, with the failures by their kind', () => {
    const requests = [answered(1), answered(2), failed(3), failed(4, '503 unavailable'), failed(5)];
    expect(availabilityOf(requests)).toEqual({
      asked: 5,
      failed: 3,
      share: 0.4,
      failures: { 'no answer': 2, '503 unavailable': 1 },
    });
  });

  it('is whole when nothing was asked', () => {
    expect(availabilityOf([])).toEqual({ asked: 0, failed: 0, share: 1, failures: {} });
  });
});

describe('the longest gap', () => {
  const span = { startMs: 100, endMs: 200 };

  it('lies between two answers, whatever failed in it, in whatever order they are told', () => {
    const requests = [answered(185, 190), answered(90, 110), failed(130), answered(90, 120)];
    expect(longestGapMs(requests, span)).toBe(70);
  });

  it('may reach to the end of the span, or from its start, or over all of it', () => {
    expect(longestGapMs([answered(100, 105)], span)).toBe(95);
    expect(longestGapMs([answered(150, 195)], span)).toBe(95);
    expect(longestGapMs([failed(150)], span)).toBe(100);
  });
});

describe('the time to switch', () => {
  const fault = { startMs: 1_000, endMs: 6_000 };
  /** 200 reads a second. */
  const steady = (fromMs: number, toMs: number, tookMs = 5) =>
    Array.from({ length: (toMs - fromMs) / 5 }, (_, index) =>
      answered(fromMs + 5 * index, fromMs + 5 * index + tookMs),
    );

  it('is nothing when nobody felt the fault', () => {
    expect(switchedAfterMs(steady(0, 7_000), fault, 150)).toBe(0);
  });

  it('ends with the last quarter second in which more than a few were slow, or failed', () => {
    const reads = [...steady(0, 1_000), ...steady(1_000, 1_600, 320), ...steady(1_600, 7_000)];
    expect(switchedAfterMs(reads, fault, 150)).toBe(750);
    const refused = [...steady(0, 7_000), failed(2_300), failed(2_301), failed(2_302)];
    expect(switchedAfterMs(refused, fault, 150)).toBe(1_500);
  });

  it('is not prolonged by a single one that probes, nor by what was slow before or after', () => {
    const reads = [...steady(0, 1_000, 400), ...steady(1_000, 6_000), answered(4_000, 4_600)];
    expect(switchedAfterMs([...reads, ...steady(6_000, 6_500, 400)], fault, 150)).toBe(0);
  });

  it('is not prolonged by a few of very many', () => {
    const many = Array.from({ length: 5_000 }, (_, index) => answered(1_000 + index));
    const slow = [answered(3_001, 3_400), answered(3_002, 3_400), answered(3_003, 3_400)];
    expect(switchedAfterMs([...many, ...slow], fault, 150)).toBe(0);
  });

  it('is the whole fault when reads felt it to the end', () => {
    expect(switchedAfterMs(steady(0, 7_000, 320), fault, 150)).toBe(5_000);
  });
});

describe('writes', () => {
  const fault = { startMs: 1_000, endMs: 2_000 };

  it('are back with the first that was begun after the fault and acknowledged', () => {
    const writes = [answered(1_990, 2_010), failed(2_100), answered(2_300, 2_400), answered(2_200, 2_500)];
    expect(writesBackAtMs(writes, fault, 5_000)).toBe(2_400);
  });

  it('are given only so much time', () => {
    expect(writesBackAtMs([answered(1_500)], fault, 5_000)).toBe(7_000);
    expect(writesBackAtMs([answered(9_000)], fault, 5_000)).toBe(7_000);
  });
});

it('a quantile is a value that was there', () => {
  expect(quantile([1, 2, 3, 4], 0.5)).toBe(2);
  expect(quantile([1, 2, 3, 4], 0.99)).toBe(4);
  expect(quantile([], 0.5)).toBeNull();
});

it('spans that only touch do not overlap', () => {
  expect(overlaps({ startMs: 0, endMs: 5 }, { startMs: 5, endMs: 9 })).toBe(false);
  expect(overlaps({ startMs: 0, endMs: 6 }, { startMs: 5, endMs: 9 })).toBe(true);
});
