/**
 * CloudWatch embedded metric format: a line of JSON whose `_aws` names those of its own top-level members that are
 * metrics, and by which dimensions. So one line is both the structured line and the metrics record.
 *
 * Each set of values of the dimensions is a metric of its own, for good and for money: they are few, and known in
 * advance. A caller, a status or a trace is a member of the line, never a dimension. Nor is the centre: it is a region,
 * and CloudWatch keeps regions apart.
 */

const namespace = 'Membership';

export type Unit = 'Milliseconds' | 'Count' | 'None';

export interface Metric {
  readonly name: string;
  readonly unit: Unit;
}

interface Directive {
  /** Names of members that hold texts. */
  readonly dimensions: readonly string[];
  /** Members that hold numbers, or lists of at most {@link valuesMax}. */
  readonly metrics: readonly Metric[];
}

/** What `_aws.CloudWatchMetrics` says, as text: made once for all lines of a kind. */
export type Metrics = string;

/** How many values one metric of a line may have. */
export const valuesMax = 100;

export function metricsOf(...directives: readonly Directive[]): Metrics {
  return JSON.stringify(
    directives.map(({ dimensions, metrics }) => ({
      Namespace: namespace,
      Dimensions: [dimensions],
      Metrics: metrics.map(({ name, unit }) => ({ Name: name, Unit: unit })),
    })),
  );
}

/** The line as it is written: with its metrics, if it has any. */
export function lineOf(line: object, metrics: Metrics | undefined, nowMs: number): string {
  const text = JSON.stringify(line);
  if (metrics === undefined) return `${text}\n`;
  return `{"_aws":{"Timestamp":${nowMs},"CloudWatchMetrics":${metrics}},${text.slice(1)}\n`;
}
