import type { Random } from '../../core/kernel/ids.ts';
import { parseTraceParent, type TraceContext } from '../../core/propagation/trace.ts';

export interface Traces {
  /** A span of its own within the trace that `traceparent` names, or within a new one when it is absent or malformed. */
  begin(traceparent: string | undefined): TraceContext;
}

const traceIdBytes = 16;
const spanIdBytes = 8;
const hexOf = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
/** Drawn at once: fresh bytes for each request would cost more than the rest of its telemetry. */
const poolBytes = 2_048;

export function makeTraces(random: Pick<Random, 'bytes'>): Traces {
  let pool = new Uint8Array(0);
  let used = 0;

  const fresh = (bytes: number): string => {
    if (used + bytes > pool.length) {
      pool = Uint8Array.from(random.bytes(poolBytes));
      used = 0;
    }
    const end = used + bytes;
    // All zeros is no id.
    if (pool[end - 1] === 0) pool[end - 1] = 1;
    let id = '';
    while (used < end) id += hexOf[pool[used++] as number];
    return id;
  };

  return {
    begin(traceparent) {
      const parent = parseTraceParent(traceparent);
      const spanId = fresh(spanIdBytes);
      // Whoever begins a trace here records it: each request has a line.
      if (parent === null) return { traceId: fresh(traceIdBytes), spanId, flags: '01' };
      return { traceId: parent.traceId, spanId, parentSpanId: parent.spanId, flags: parent.flags };
    },
  };
}
