import { describe, expect, it } from 'vitest';
import { laneFiguresOf, laneReportOf, type Round, type Sample } from '../../scripts/load/lanes-figures.ts';

const samples = (count: number, latencyMs: number, slowMs = latencyMs): Sample[] =>
  Array.from({ length: count }, (_, at) => ({
    latencyMs: at >= count - 2 ? slowMs : latencyMs,
    status: 200,
  }));
const round = (slowMs: number): Round => ({
  quiet: samples(100, 1, 10),
  loaded: samples(100, 2, slowMs),
  marketing: { 200: 10, 429: 90 },
});

describe('the figures of the lanes', () => {
  it('compare the loaded phase with the quiet one, in each round and in all', () => {
    const { rounds, ratios, marketing } = laneFiguresOf([round(12), round(100), round(13)]);
    expect(rounds.map(({ p99Ratio }) => p99Ratio)).toEqual([1.2, 10, 1.3]);
    expect(ratios).toEqual({ p50: 2, p99: 1.3, p99Median: 1.3 });
    expect(marketing).toEqual({ 200: 30, 429: 270 });
  });

  it('count what was not answered well as failed, and never as quick', () => {
    const failing = { ...round(12), loaded: [...samples(100, 2, 12), { latencyMs: 0, status: 503 }] };
    expect(laneFiguresOf([failing]).loaded).toEqual({ answered: 100, failed: 1, p50Ms: 2, p99Ms: 12 });
  });

  it('are told in a table', () => {
    const report = laneReportOf(laneFiguresOf([round(12)]));
    expect(report).toContain('10 x 200, 90 x 429');
    expect(report).toContain('p99 ratio 1.20');
  });
});
