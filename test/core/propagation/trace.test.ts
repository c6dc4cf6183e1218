import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { parseTraceParent, traceParentOf } from '../../../functions/core/propagation/trace.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const spanId = '00f067aa0ba902b7';
const hex = (digits: number) =>
  fc
    .array(fc.constantFrom(...'0123456789abcdef'), { minLength: digits, maxLength: digits })
    .map((all) => all.join(''))
    .filter((text) => /[^0]/.test(text));

describe('a traceparent', () => {
  it('is taken over by its parts', () => {
    expect(parseTraceParent(`00-${traceId}-${spanId}-01`)).toEqual({ traceId, spanId, flags: '01' });
    expect(parseTraceParent(`00-${traceId}-${spanId}-00`)?.flags).toBe('00');
  });

  it('keeps no flag but the one that is known', () => {
    expect(parseTraceParent(`00-${traceId}-${spanId}-ff`)?.flags).toBe('01');
    expect(parseTraceParent(`00-${traceId}-${spanId}-fe`)?.flags).toBe('00');
  });

  it('of a later version counts by what this one knows', () => {
    expect(parseTraceParent(`cc-${traceId}-${spanId}-01-what the future brings`)?.traceId).toBe(traceId);
    expect(parseTraceParent(`cc-${traceId}-${spanId}-01`)?.spanId).toBe(spanId);
  });

  test.each([
    ['none', undefined],
    ['an empty one', ''],
    ['version ff', `ff-${traceId}-${spanId}-01`],
    ['a trace of zeros', `00-${'0'.repeat(32)}-${spanId}-01`],
    ['a span of zeros', `00-${traceId}-${'0'.repeat(16)}-01`],
    ['upper case', `00-${traceId.toUpperCase()}-${spanId}-01`],
    ['a short trace', `00-${traceId.slice(1)}-${spanId}-01`],
    ['flags of one digit', `00-${traceId}-${spanId}-1`],
    ['more after version 00', `00-${traceId}-${spanId}-01-more`],
    ['a line more', `00-${traceId}-${spanId}-01\n`],
    ['more without a dash', `cc-${traceId}-${spanId}-01more`],
    ['something before', ` 00-${traceId}-${spanId}-01`],
    ['two at once', `00-${traceId}-${spanId}-01,00-${traceId}-${spanId}-01`],
  ])('is ignored: %s', (_, header) => {
    expect(parseTraceParent(header)).toBeNull();
  });

  it('comes through unchanged, whatever its ids', () => {
    fc.assert(
      fc.property(hex(32), hex(16), fc.constantFrom('00', '01'), (trace, span, flags) => {
        const text = `00-${trace}-${span}-${flags}`;
        const parsed = parseTraceParent(text);
        expect(parsed && traceParentOf(parsed)).toBe(text);
      }),
    );
  });

  it('is never anything but the fixed form, whatever came', () => {
    const near = fc.tuple(hex(2), hex(32), hex(16), hex(2), fc.string()).map((all) => all.join('-'));
    fc.assert(
      fc.property(fc.oneof(fc.string(), near), (header) => {
        const parsed = parseTraceParent(header);
        if (parsed) expect(traceParentOf(parsed)).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/);
      }),
    );
  });
});
