/** How the readings of the meter stand on a line, and as metrics: `cacheMs`, `cacheCalls`, `cacheMaxMs`, `cacheFailures`. */
import type { Metric } from './emf.ts';
import { dependencies, type Reading } from './meter.ts';

const namesOf = dependencies.map((dependency) => ({
  ms: `${dependency}Ms`,
  calls: `${dependency}Calls`,
  maxMs: `${dependency}MaxMs`,
  failures: `${dependency}Failures`,
}));

export type DependencyMembers = Record<string, number>;

/** Adds them. Calls and the longest of them are named only where there were several, failures only where there were any. */
export function addDependencies(line: object, readings: readonly Reading[]): void {
  const members = line as DependencyMembers;
  for (const { index, calls, failures, ms, maxMs } of readings) {
    const names = namesOf[index];
    if (!names) continue;
    members[names.ms] = rounded(ms);
    if (calls > 1) {
      members[names.calls] = calls;
      members[names.maxMs] = rounded(maxMs);
    }
    if (failures > 0) members[names.failures] = failures;
  }
}

export function dependencyMetrics(readings: readonly Reading[]): readonly Metric[] {
  return readings.flatMap(({ index, failures }) => {
    const names = namesOf[index];
    if (!names) return [];
    const ms: Metric = { name: names.ms, unit: 'Milliseconds' };
    return failures > 0 ? [ms, { name: names.failures, unit: 'Count' }] : [ms];
  });
}

/** To whole microseconds. */
export const rounded = (ms: number): number => Math.round(ms * 1000) / 1000;
