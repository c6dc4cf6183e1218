/** The one line of a batch, which is its metrics record too. */
import type { SQSEvent, SQSRecord } from 'aws-lambda';
import { expect, it, test } from 'vitest';
import { makeApplyChangeFunction } from '../../functions/apply-change.ts';
import type { SyncMessage } from '../../functions/core/propagation/ports.ts';
import { lineOf } from '../../functions/runtime/telemetry/emf.ts';
import { makeMeter } from '../../functions/runtime/telemetry/meter.ts';
import { makeTraces } from '../../functions/runtime/telemetry/traces.ts';
import { contextOf } from '../runtime/fake-parts.ts';
import { dimensionsOf, type EmfLine, metricsIn, validEmf } from '../runtime/telemetry/emf-check.ts';

const nowMs = 1_800_000_000_000;
const traceOf = (digit: string) => digit.repeat(32);
const parentOf = (digit: string, span = digit) => `00-${traceOf(digit)}-${span.repeat(16)}-01`;

/** The record of a batch of messages, each with the `trace` of its event, or a body that is none. */
async function recordOf(
  traces: readonly (string | undefined)[],
  attributes: Partial<SQSRecord['attributes']> = {},
): Promise<EmfLine> {
  const written: string[] = [];
  const meter = makeMeter();
  const search = meter.timed('search', { put: async () => {} });
  const handler = makeApplyChangeFunction(() => ({
    centre: 'B',
    clock: { nowMs: () => nowMs, monotonicMs: () => 1_000, sleep: async () => {} },
    decode: (body) => (body === 'junk' ? null : ({ event: { trace: body || undefined } } as SyncMessage)),
    apply: () => search.put(),
    log: (line, metrics) => void written.push(lineOf(line, metrics, nowMs)),
    meter,
    traces: makeTraces({ bytes: (length) => Buffer.alloc(length, 0xab) }),
  }));
  const Records = traces.map((trace, index) => ({
    messageId: `m${index}`,
    body: trace ?? '',
    attributes: {
      SentTimestamp: String(nowMs - 100 * (index + 1)),
      ApproximateReceiveCount: '1',
      ...attributes,
    },
  }));
  await handler({ Records } as SQSEvent, contextOf());
  expect(written).toHaveLength(1);
  return validEmf(written[0] ?? '');
}

it('says what came, how old it was, and what it asked for', async () => {
  const record = await recordOf([parentOf('1'), parentOf('2'), 'junk']);
  expect(record).toMatchObject({
    operation: 'apply-change',
    centre: 'B',
    outcome: 'failed',
    messages: 3,
    failed: 1,
    receivedAgain: 0,
    messageAgeMs: [100, 200, 300],
    searchCalls: 2,
  });
  expect(dimensionsOf(record)).toEqual(['operation']);
  expect(metricsIn(record)).toMatchObject({
    messages: 'Count',
    failed: 'Count',
    messageAgeMs: 'Milliseconds',
    durationMs: 'Milliseconds',
    searchMs: 'Milliseconds',
  });
});

it('counts what came before', async () => {
  expect(await recordOf([parentOf('1')], { ApproximateReceiveCount: '3' })).toMatchObject({
    receivedAgain: 1,
  });
});

test('a batch of one trace goes on with it', async () => {
  const record = await recordOf([parentOf('1'), parentOf('1')]);
  expect(record).toMatchObject({
    trace_id: traceOf('1'),
    span_id: 'ab'.repeat(8),
    parent_span_id: '1'.repeat(16),
    links: [{ trace_id: traceOf('1'), span_id: '1'.repeat(16) }],
  });
});

test('a batch of several traces has one of its own, with a link to each', async () => {
  const record = await recordOf([parentOf('1'), parentOf('2'), undefined, 'no traceparent']);
  expect(record.trace_id).toBe('ab'.repeat(16));
  expect(record).not.toHaveProperty('parent_span_id');
  expect(record.links).toEqual([
    { trace_id: traceOf('1'), span_id: '1'.repeat(16) },
    { trace_id: traceOf('2'), span_id: '2'.repeat(16) },
  ]);
});

test('messages from before traces were carried have none', async () => {
  const record = await recordOf([undefined], { SentTimestamp: undefined as unknown as string });
  expect(record).not.toHaveProperty('links');
  expect(record).not.toHaveProperty('messageAgeMs');
  expect(record.trace_id).toBe('ab'.repeat(16));
});
