/** What is shown of a centre, and of both side by side. */
import { GraphWidget, type IMetric, type IWidget, TextWidget } from 'aws-cdk-lib/aws-cloudwatch';
import type { ApiIds } from './alarms.ts';
import * as metrics from './metrics.ts';

export interface ShownCentre {
  readonly name: string;
  readonly region: string;
  readonly apiIds: ApiIds;
  readonly queue: string;
}

const width = 12;
const height = 6;

/** Rows of graphs, the same of each centre: beside each other, where there are two. */
export function rowsOf(centres: readonly ShownCentre[]): IWidget[][] {
  const row = (title: string, left: (centre: ShownCentre) => IMetric[], max?: number): IWidget[] =>
    centres.map(
      (centre) =>
        new GraphWidget({
          title: `${centre.name}: ${title}`,
          region: centre.region,
          left: left(centre),
          leftYAxis: { min: 0, ...(max !== undefined && { max }) },
          width: centres.length === 1 ? 2 * width : width,
          height,
        }),
    );
  const gauges =
    (...names: string[]) =>
    ({ region }: ShownCentre) =>
      names.map((name) => metrics.relayMetric(name, 'Maximum', region));
  return [
    [
      new TextWidget({
        markdown: 'Each alarm is told of in `docs/operations.md`, each metric in `docs/telemetry.md`.',
        width: 2 * width,
        height: 1,
      }),
    ],
    row('requests a minute', ({ apiIds, region }) => [
      metrics.apiMetric('Count', apiIds.critical, region).with({ label: 'critical' }),
      metrics.apiMetric('Count', apiIds.marketing, region).with({ label: 'marketing' }),
    ]),
    row('not answered, %', ({ apiIds, region }) => [
      metrics.failedShare('critical', apiIds.critical, region),
      metrics.failedShare('marketing', apiIds.marketing, region),
    ]),
    row('p50 and p99, ms', ({ region }) => [
      metrics.worst('MAX', 'durationMs', 'p50', 'critical', 'read', region),
      metrics.worst('MAX', 'durationMs', 'p99', 'critical', 'read', region),
      metrics.worst('MAX', 'durationMs', 'p99', 'critical', 'write', region),
    ]),
    row(
      'hits and fresh answers',
      ({ region }) => [
        metrics.worst('MIN', 'cacheHit', 'Average', 'critical', 'read', region),
        metrics.worst('MIN', 'fresh', 'Average', 'critical', 'read', region),
      ],
      1,
    ),
    row(
      'grants, Redis, parts out of use',
      gauges('grantsMissing', 'redisSuspended', 'redisNotReady', 'partsOut'),
    ),
    row('behind, ms', gauges('replicaLagMs', 'outboxAgeMs', 'journalAgeMs')),
    row('outbox, journal, queue', ({ region, queue }) => [
      ...gauges('outboxRows', 'journalRows', 'queueMessages', 'deadLetters')({ region } as ShownCentre),
      metrics.queueAgeMetric(queue, region),
    ]),
    row('leases to write and the relay', ({ region }) => [
      metrics.relayMetric('writeLeaseMs', 'Minimum', region),
      metrics.relayMetric('roundsFailed', 'Maximum', region),
      metrics.observerMetric('missed', region),
    ]),
  ];
}
