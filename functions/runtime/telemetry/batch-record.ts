/** The line, and metrics record, of a batch of a centre's queue. */
import type { SQSRecord } from 'aws-lambda';
import type { CentreName } from '../../core/propagation/event.ts';
import { parseTraceParent, type TraceContext, type TraceParent } from '../../core/propagation/trace.ts';
import { type FailureLine, type TraceMembers, traceMembers } from '../telemetry.ts';
import { addDependencies, dependencyMetrics, rounded } from './dependency-members.ts';
import { type Metric, type Metrics, metricsOf, valuesMax } from './emf.ts';
import type { Reading } from './meter.ts';
import type { Traces } from './traces.ts';

export interface Batch {
  readonly centre: CentreName;
  readonly records: readonly Pick<SQSRecord, 'attributes'>[];
  /** Of the events in it, as far as they have one. */
  readonly traceParents: readonly TraceParent[];
  readonly failed: number;
  readonly failure: FailureLine | undefined;
  readonly durationMs: number;
  readonly nowMs: number;
  readonly readings: readonly Reading[];
}

/**
 * A batch has a span of its own, with links to the requests whose changes it brings. When all of them are of one
 * trace the span belongs to it too, otherwise to a new one.
 */
export function batchRecord(
  batch: Batch,
  traces: Traces,
): { readonly line: object; readonly metrics: Metrics } {
  const links = linksOf(batch.traceParents);
  const isOneTrace = new Set(links.map(({ traceId }) => traceId)).size === 1;
  const span = traces.begin(isOneTrace ? batch.traceParents[0] : undefined);
  const ages = batch.records.flatMap(({ attributes }) => {
    const sentAtMs = Number(attributes?.SentTimestamp);
    return sentAtMs > 0 ? [Math.max(0, batch.nowMs - sentAtMs)] : [];
  });
  const again = batch.records.filter(
    ({ attributes }) => Number(attributes?.ApproximateReceiveCount) > 1,
  ).length;
  const line = {
    operation: 'apply-change',
    centre: batch.centre,
    ...traceMembers(span),
    links: links.length > 0 ? links.map(linkMembers) : undefined,
    outcome: batch.failed === 0 ? 'ok' : 'failed',
    messages: batch.records.length,
    failed: batch.failed,
    receivedAgain: again,
    messageAgeMs: ages.length > 0 ? ages.slice(0, valuesMax) : undefined,
    durationMs: rounded(batch.durationMs),
    failure: batch.failure,
  };
  addDependencies(line, batch.readings);
  const metrics: Metric[] = [
    { name: 'durationMs', unit: 'Milliseconds' },
    { name: 'messages', unit: 'Count' },
    { name: 'failed', unit: 'Count' },
    { name: 'receivedAgain', unit: 'Count' },
    ...(ages.length > 0 ? [{ name: 'messageAgeMs', unit: 'Milliseconds' } as const] : []),
    ...dependencyMetrics(batch.readings),
  ];
  return { line, metrics: metricsOf({ dimensions: ['operation'], metrics }) };
}

type Link = Omit<TraceContext, 'parentSpanId'>;

/** Each once, however many messages the request caused. */
function linksOf(traceParents: readonly TraceParent[]): readonly Link[] {
  const links = new Map<string, Link>();
  for (const traceParent of traceParents) {
    const link = parseTraceParent(traceParent);
    if (link) links.set(link.spanId, link);
  }
  return [...links.values()];
}

const linkMembers = ({ traceId, spanId }: Link): Pick<TraceMembers, 'trace_id' | 'span_id'> => ({
  trace_id: traceId,
  span_id: spanId,
});
