/** The functions' lines as `top` understands them: what other lines there are, and what else is on them, it ignores. */
import type { Gauges } from '../../functions/core/propagation/gauges.ts';
import { routes } from '../../functions/runtime/routes.ts';

interface Common {
  readonly atMs: number;
}

export type RequestKind = 'read' | 'batch' | 'write';

export interface RequestSeen extends Common {
  readonly what: 'request';
  readonly lane: string;
  readonly kind: RequestKind;
  readonly outcome: string;
  readonly outcomeClass: 'ok' | 'refused' | 'failed';
  readonly durationMs: number;
  /** Of what it found, the share that the cache had. */
  readonly cacheHit: number | undefined;
  readonly freshness: string | undefined;
}

export interface BatchSeen extends Common {
  readonly what: 'batch';
  readonly messages: number;
  readonly failed: number;
  readonly agesMs: readonly number[];
}

/** What a relay reported last; without gauges when it could not read the centre's state. */
export interface RelaySeen extends Common, Partial<Gauges> {
  readonly what: 'relay';
  readonly roundsFailed: number;
  readonly failedDuties: Readonly<Record<string, number>>;
  readonly rowsRedelivered: number;
}

export type Seen = RequestSeen | BatchSeen | RelaySeen;

const kinds = new Map(routes.map((route) => [route.function as string, route.kind]));
const prefix = /^\{"_aws":\{"Timestamp":(\d+),/;

/** When a line was written, without parsing it; null when it is no line of telemetry. */
export function writtenAtMs(text: string): number | null {
  const [, atMs] = prefix.exec(text) ?? [];
  return atMs === undefined ? null : Number(atMs);
}

/** Null when it says nothing that is shown. */
export function seenIn(text: string): Seen | null {
  const atMs = writtenAtMs(text);
  if (atMs === null) return null;
  let line: Record<string, unknown>;
  try {
    line = JSON.parse(text);
  } catch {
    return null;
  }
  if (line.operation === 'apply-change') {
    const agesMs = (line.messageAgeMs ?? []) as readonly number[];
    return { what: 'batch', atMs, messages: Number(line.messages), failed: Number(line.failed), agesMs };
  }
  if (line.operation === 'relay-outbox') {
    if (line.failedDuties === undefined) return null;
    return { ...(line as unknown as RelaySeen), what: 'relay', atMs };
  }
  const kind = kinds.get(String(line.operation)) ?? 'read';
  if (line.durationMs === undefined || kind === 'health' || kind === 'open') return null;
  const { lane, outcome, outcomeClass, durationMs, cacheHit, freshness } = line as unknown as RequestSeen;
  return { what: 'request', atMs, lane, kind, outcome, outcomeClass, durationMs, cacheHit, freshness };
}
