import { expect, it } from 'vitest';
import { makeTraces } from '../../../functions/runtime/telemetry/traces.ts';

/** Counts up, so that no two ids are alike. */
const counting = () => {
  let next = 0;
  return { bytes: (length: number) => Uint8Array.from({ length }, () => next++ % 251) };
};

it('goes on with the trace of who asked, by a span of its own', () => {
  const traces = makeTraces(counting());
  const header = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00';
  const [one, other] = [traces.begin(header), traces.begin(header)];
  expect(one).toMatchObject({
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    parentSpanId: '00f067aa0ba902b7',
    flags: '00',
  });
  expect(one.spanId).toMatch(/^[0-9a-f]{16}$/);
  expect(one.spanId).not.toBe(other.spanId);
});

it.each([undefined, 'not a traceparent', '00-1-2-3'])(
  'begins a trace without a usable header: %s',
  (header) => {
    const traces = makeTraces(counting());
    const [one, other] = [traces.begin(header), traces.begin(header)];
    expect(one).toEqual({
      traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
      spanId: expect.stringMatching(/^[0-9a-f]{16}$/),
      flags: '01',
    });
    expect(one.traceId).not.toBe(other.traceId);
  },
);

it('never repeats an id, also when it draws anew', () => {
  const traces = makeTraces({ bytes: (length) => crypto.getRandomValues(new Uint8Array(length)) });
  const ids = Array.from({ length: 1_000 }, () => traces.begin(undefined));
  expect(new Set(ids.map(({ traceId }) => traceId)).size).toBe(1_000);
  expect(new Set(ids.map(({ spanId }) => spanId)).size).toBe(1_000);
});

it('gives no id of zeros alone', () => {
  const { traceId, spanId } = makeTraces({ bytes: (length) => new Uint8Array(length) }).begin(undefined);
  expect([traceId, spanId]).toEqual([`${'0'.repeat(31)}1`, `${'0'.repeat(15)}1`]);
});
