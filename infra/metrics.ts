/** The metrics of a centre, as alarms and dashboards read them: those of `docs/telemetry.md`, and some of AWS's own. */
import { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Lane } from '../functions/core/caller/caller.ts';
import { type Route, routes } from '../functions/runtime/routes.ts';

const period = Duration.minutes(1);
const service = 'Membership';

/** Of the relay's report. Relays overlap: by maximum or minimum, never by sum. */
export const relayMetric = (metricName: string, statistic: 'Maximum' | 'Minimum', region?: string): Metric =>
  new Metric({
    namespace: service,
    metricName,
    dimensionsMap: { operation: 'relay-outbox' },
    statistic,
    period,
    ...(region !== undefined && { region }),
  });

const operationsOf = (kind: Route['kind']): readonly string[] =>
  routes.filter((route) => route.kind === kind).map((route) => route.function);

/** Of the lane's requests of a kind; each operation is a metric of its own. */
const ofOperations = (
  metricName: string,
  statistic: string,
  lane: Lane,
  kind: Route['kind'],
  region: string | undefined,
): Record<string, Metric> =>
  Object.fromEntries(
    operationsOf(kind).map((operation, index) => [
      // Apart from those of the other lines of a graph.
      `${metricName}_${statistic}_${kind}_${index}`,
      new Metric({
        namespace: service,
        metricName,
        dimensionsMap: { operation, lane },
        statistic,
        period,
        ...(region !== undefined && { region }),
      }),
    ]),
  );

/** The worst operation of a kind. */
export const worst = (
  end: 'MAX' | 'MIN',
  metricName: string,
  statistic: string,
  lane: Lane,
  kind: Route['kind'],
  region?: string,
): IMetric =>
  new MathExpression({
    expression: `${end}(METRICS())`,
    label: `${metricName}, ${kind}s`,
    usingMetrics: ofOperations(metricName, statistic, lane, kind, region),
    period,
  });

/** Of an HTTP API, as its callers see it: also what no function ever heard of. */
export const apiMetric = (metricName: '5xx' | 'Count' | '4xx', apiId: string, region?: string): Metric =>
  new Metric({
    namespace: 'AWS/ApiGateway',
    metricName,
    dimensionsMap: { ApiId: apiId },
    statistic: 'Sum',
    period,
    ...(region !== undefined && { region }),
  });

/** Percent of the requests that the service did not answer. */
export const failedShare = (lane: Lane, apiId: string, region?: string): IMetric =>
  new MathExpression({
    expression: `100 * FILL(failed_${lane}, 0) / all_${lane}`,
    label: `${lane}, %`,
    usingMetrics: {
      [`failed_${lane}`]: apiMetric('5xx', apiId, region),
      [`all_${lane}`]: apiMetric('Count', apiId, region),
    },
    period,
  });

export const observerMetric = (metricName: string, region?: string): Metric =>
  new Metric({
    namespace: service,
    metricName,
    dimensionsMap: { operation: 'observe-consistency' },
    statistic: 'Sum',
    period,
    ...(region !== undefined && { region }),
  });

export const noticeMetric = (notice: string): Metric =>
  new Metric({
    namespace: service,
    metricName: 'entries',
    dimensionsMap: { operation: 'relay-outbox', notice },
    statistic: 'Maximum',
    period,
  });

export const queueAgeMetric = (queueName: string, region?: string): Metric =>
  new Metric({
    namespace: 'AWS/SQS',
    metricName: 'ApproximateAgeOfOldestMessage',
    dimensionsMap: { QueueName: queueName },
    statistic: 'Maximum',
    period,
    ...(region !== undefined && { region }),
  });

/** Invocations that found no environment free. */
export const throttlesMetric = (functionName: string): Metric =>
  new Metric({
    namespace: 'AWS/Lambda',
    metricName: 'Throttles',
    dimensionsMap: { FunctionName: functionName },
    statistic: 'Sum',
    period,
  });

/** Percent of a Redis node's memory. */
export const cacheMemoryMetric = (cacheClusterId: string): Metric =>
  new Metric({
    namespace: 'AWS/ElastiCache',
    metricName: 'DatabaseMemoryUsagePercentage',
    dimensionsMap: { CacheClusterId: cacheClusterId },
    statistic: 'Maximum',
    period,
  });
