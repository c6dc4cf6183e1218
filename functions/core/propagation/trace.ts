/**
 * W3C trace context (level 1): how a request is followed from its caller through this service's queues. A context
 * comes as a `traceparent` header, and goes with the event of a change to whoever brings it to its sinks.
 *
 * Only the fixed hexadecimal form is taken over, and only the flag that level 1 knows. `tracestate` is not: it is free
 * text of others, which nothing here reads.
 */

/** `00-TRACEID-SPANID-FLAGS`, in lower case: 55 characters. */
export type TraceParent = string;

export interface TraceContext {
  /** 32 hexadecimal digits: everything that one caller's request leads to. */
  readonly traceId: string;
  /** 16 hexadecimal digits: this request, or this batch. */
  readonly spanId: string;
  /** Whose work this is part of. */
  readonly parentSpanId?: string | undefined;
  /** `01` when whoever began it records it. */
  readonly flags: '00' | '01';
}

const form = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?=$|-)/;
const length = 55;
const sampled = 1;

/** Who asked; null when the header is absent or malformed: then a trace begins here. */
export function parseTraceParent(header: string | undefined): Omit<TraceContext, 'parentSpanId'> | null {
  if (header === undefined || !form.test(header)) return null;
  // Later versions may append fields; this one has none.
  if (header.length !== length && header.startsWith('00')) return null;
  const isSampled = (Number.parseInt(header.slice(53, 55), 16) & sampled) === 1;
  return { traceId: header.slice(3, 35), spanId: header.slice(36, 52), flags: isSampled ? '01' : '00' };
}

/** The header for what this span leads to. */
export const traceParentOf = ({ traceId, spanId, flags }: TraceContext): TraceParent =>
  `00-${traceId}-${spanId}-${flags}`;
