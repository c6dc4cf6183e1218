/** The metrics of a request's line. */
import type { OutcomeClass } from '../telemetry.ts';
import { dependencyMetrics } from './dependency-members.ts';
import { type Metric, type Metrics, metricsOf } from './emf.ts';
import type { Reading } from './meter.ts';

const duration: Metric = { name: 'durationMs', unit: 'Milliseconds' };
const readMetrics: readonly Metric[] = [
  { name: 'cacheHit', unit: 'None' },
  { name: 'fresh', unit: 'None' },
];

/** The text for each set of members that a line may have, made when it first comes: there are a few dozen. */
const made = new Map<number, Metrics>();

/** @param hasSource whether the line tells of hit and freshness */
export function requestMetrics(hasSource: boolean, readings: readonly Reading[]): Metrics {
  const hasFailures = readings.some(({ failures }) => failures > 0);
  if (hasFailures) return make(hasSource, readings);
  const members = readings.reduce((bits, { index }) => bits | (2 << index), hasSource ? 1 : 0);
  const known = made.get(members);
  if (known !== undefined) return known;
  const metrics = make(hasSource, readings);
  made.set(members, metrics);
  return metrics;
}

function make(hasSource: boolean, readings: readonly Reading[]): Metrics {
  const metrics = [duration, ...(hasSource ? readMetrics : []), ...dependencyMetrics(readings)];
  return metricsOf(
    { dimensions: ['operation', 'lane'], metrics },
    {
      dimensions: ['operation', 'lane', 'outcomeClass'],
      metrics: [{ name: 'requests', unit: 'Count' }],
    },
  );
}

export function outcomeClassOf(status: number | undefined): OutcomeClass {
  if (status === undefined || status >= 500) return 'failed';
  return status < 400 ? 'ok' : 'refused';
}
