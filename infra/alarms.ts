/**
 * What a person is called for, in each centre. Every alarm has its section in `docs/operations.md`, under its name: what
 * it says, what to look at, what to do.
 */
import { ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { Lane } from '../functions/core/caller/caller.ts';
import type { CentreName } from '../functions/core/propagation/event.ts';
import { cacheNames, type StageSettings } from './centre.ts';
import * as metrics from './metrics.ts';
import { functionName, queueName } from './names.ts';

export interface Alarm {
  readonly name: string;
  /** One sentence: what is wrong when it rings. */
  readonly says: string;
  readonly metric: IMetric;
  readonly rings: 'above' | 'below';
  readonly threshold: number;
  /** Of so many minutes, how many must be bad. */
  readonly minutes: readonly [bad: number, of: number];
  /** What it means that nothing is measured. @default fine: nothing happened */
  readonly silence?: 'fine' | 'bad';
}

/** What the APIs of a centre came to be called. */
export type ApiIds = Readonly<Record<Lane, string>>;

const minuteMs = 60_000;

export function alarmsOf(settings: StageSettings, centre: CentreName, apiIds: ApiIds): readonly Alarm[] {
  const relay = metrics.relayMetric;
  const gauge = (name: string, says: string, metricName: string, minutes: Alarm['minutes'], above = 0) =>
    ({
      name,
      says,
      metric: relay(metricName, 'Maximum'),
      rings: 'above',
      threshold: above,
      minutes,
    }) as const;
  return [
    {
      name: 'availability-critical',
      says: 'More than 0.1 % of the order path’s requests were not answered.',
      metric: metrics.failedShare('critical', apiIds.critical),
      rings: 'above',
      threshold: 0.1,
      minutes: [3, 5],
    },
    {
      name: 'availability-marketing',
      says: 'More than 5 % of the marketing lane’s requests were not answered.',
      metric: metrics.failedShare('marketing', apiIds.marketing),
      rings: 'above',
      threshold: 5,
      minutes: [10, 15],
    },
    {
      name: 'p99-reads',
      says: 'One in a hundred reads of the order path takes longer than 100 ms.',
      metric: metrics.worst('MAX', 'durationMs', 'p99', 'critical', 'read'),
      rings: 'above',
      threshold: 100,
      minutes: [5, 5],
    },
    {
      name: 'p99-writes',
      says: 'One in a hundred writes of the order path takes longer than a second.',
      metric: metrics.worst('MAX', 'durationMs', 'p99', 'critical', 'write'),
      rings: 'above',
      threshold: 1_000,
      minutes: [5, 5],
    },
    {
      name: 'fresh-answers',
      says: 'Fewer than 99 % of the order path’s answers are fresh.',
      metric: metrics.worst('MIN', 'fresh', 'Average', 'critical', 'read'),
      rings: 'below',
      threshold: 0.99,
      minutes: [5, 5],
    },
    {
      name: 'missed-writes',
      says: 'An answer called itself fresh and did not know of an acknowledged write: this must never be.',
      metric: metrics.observerMetric('missed'),
      rings: 'above',
      threshold: 0,
      minutes: [1, 1],
    },
    {
      name: 'hit-rate',
      says: 'The cache answers fewer than 70 % of the order path’s reads.',
      metric: metrics.worst('MIN', 'cacheHit', 'Average', 'critical', 'read'),
      rings: 'below',
      threshold: 0.7,
      minutes: [10, 15],
    },
    gauge('grants-lapsed', 'A Redis lacks the grant of a database cluster.', 'grantsMissing', [3, 3]),
    gauge('redis-suspended', 'A Redis could not be fenced, and is not believed.', 'redisSuspended', [3, 5]),
    gauge('redis-not-ready', 'A Redis may not be cached in.', 'redisNotReady', [5, 5]),
    gauge('parts-out', 'A breaker or an operator has a part out of use.', 'partsOut', [5, 5]),
    gauge('replica-lag', 'A replica is more than 5 s behind.', 'replicaLagMs', [5, 5], 5_000),
    gauge(
      'outbox-age',
      'A change is not in every store after 2 minutes.',
      'outboxAgeMs',
      [3, 5],
      2 * minuteMs,
    ),
    gauge(
      'journal-age',
      'The journal holds a change for more than 10 minutes.',
      'journalAgeMs',
      [5, 5],
      10 * minuteMs,
    ),
    {
      name: 'journal-overdue',
      says: 'The journal holds changes for more than a day.',
      metric: metrics.noticeMetric('journal-overdue'),
      rings: 'above',
      threshold: 0,
      minutes: [1, 1],
    },
    gauge('dead-letters', 'Messages were given up.', 'deadLetters', [1, 1]),
    {
      name: 'queue-age',
      says: 'A message of the centre’s queue waits for more than 5 minutes.',
      metric: metrics.queueAgeMetric(queueName(settings)),
      rings: 'above',
      threshold: 300,
      minutes: [3, 5],
    },
    {
      name: 'write-lease',
      says: 'A lease to write is about to end.',
      metric: relay('writeLeaseMs', 'Minimum'),
      rings: 'below',
      threshold: 1_000,
      minutes: [2, 3],
    },
    {
      name: 'relay-silent',
      says: 'The relay has not reported.',
      metric: relay('rounds', 'Maximum'),
      rings: 'below',
      threshold: 1,
      minutes: [2, 2],
      silence: 'bad',
    },
    gauge('gauges-missing', 'The relay cannot see how far behind parts are.', 'gaugesMissing', [5, 5]),
    ...(['look-up-member', 'register-member'] as const).map(
      (entry): Alarm => ({
        name: `environments-used-up-${entry}`,
        says: `${entry} has no environment left for the order path.`,
        metric: metrics.throttlesMetric(functionName(settings, entry, 'critical')),
        rings: 'above',
        threshold: 0,
        minutes: [2, 3],
      }),
    ),
    ...cacheNames(settings, centre).map(
      (name): Alarm => ({
        name: `cache-memory-${name}`,
        says: `${name} is nearly full: what is never evicted (fences) takes the place of what is.`,
        metric: metrics.cacheMemoryMetric(`ms-${settings.stage}-${name}-001`),
        rings: 'above',
        threshold: 90,
        minutes: [5, 5],
      }),
    ),
  ];
}

export const comparisonOf = ({ rings }: Alarm): ComparisonOperator =>
  rings === 'above' ? ComparisonOperator.GREATER_THAN_THRESHOLD : ComparisonOperator.LESS_THAN_THRESHOLD;

export const missingDataOf = ({ silence }: Alarm): TreatMissingData =>
  silence === 'bad' ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING;

/** The section of an alarm: one for all that differ only in what they are about. */
export const sectionOf = (name: string): string =>
  name.replace(/^(environments-used-up|cache-memory)-.*$/, '$1');
