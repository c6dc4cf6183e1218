/**
 * Telemetry: at most one structured line a request, which is its metrics record too (`telemetry/emf.ts`), with no
 * personal data in it: no identifier, no body, no query, no member's id, and no message of an error, because drivers
 * quote values in theirs.
 */
import { writeSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import type { CentreName } from '../core/propagation/event.ts';
import type { TraceContext } from '../core/propagation/trace.ts';
import { lineOf, type Metrics } from './telemetry/emf.ts';

/** What may be said of a request. What its dependencies took is added by `telemetry/dependency-members.ts`. */
export interface RequestLine extends Unsure<TraceMembers> {
  readonly operation: string;
  readonly centre?: CentreName | undefined;
  readonly lane: string;
  readonly caller?: string | undefined;
  readonly requestId?: string | undefined;
  readonly status?: number | undefined;
  /** `ok`, or the code of the problem. */
  readonly outcome: string;
  readonly outcomeClass: OutcomeClass;
  /** More than the code says. */
  readonly reason?: string | undefined;
  readonly source?: string | undefined;
  readonly freshness?: string | undefined;
  readonly durationMs: number;
  /** 1: what `requests` is counted by. */
  readonly requests: 1;
  /** Of a read that found an answer, 1 when the cache had it; of a batch, their share. */
  readonly cacheHit?: number | undefined;
  /** Of a read that found an answer, 1 when it is fresh; of a batch, their share. */
  readonly fresh?: number | undefined;
  readonly failure?: FailureLine | undefined;
}

/** What a function may add to its request's line. */
export type RequestNotes = Pick<RequestLine, 'failure' | 'cacheHit' | 'fresh'>;

/** What may be said of an error. */
export interface FailureLine {
  readonly name: string;
  readonly code?: string | undefined;
  /** Which dependency failed. */
  readonly part?: string | undefined;
  /** The code of what caused it: `ECONNREFUSED`, `ER_LOCK_WAIT_TIMEOUT`. */
  readonly causeCode?: string | undefined;
  /** What it says, of those errors that are about the configuration and never repeat what stands there. */
  readonly says?: string | undefined;
  /** Where it was thrown: one file and line. */
  readonly at?: string | undefined;
}

/** `refused`: for a reason of the request's own. `failed`: for one of the service's. */
export type OutcomeClass = 'ok' | 'refused' | 'failed';

/** In the names that OpenTelemetry gives them on lines that are not its own, so that tools find them. */
export interface TraceMembers {
  readonly trace_id: string;
  readonly span_id: string;
  readonly parent_span_id: string | undefined;
}

export const traceMembers = ({ traceId, spanId, parentSpanId }: TraceContext): TraceMembers => ({
  trace_id: traceId,
  span_id: spanId,
  parent_span_id: parentSpanId,
});

/** Without parts that could be made there is no trace either. */
type Unsure<Members> = { readonly [Name in keyof Members]?: Members[Name] | undefined };

/** Takes a line, and which of its members are metrics, if any are. */
export type Log = (line: object, metrics?: Metrics) => void;

/** Writes a line of JSON to standard output, where the platform collects it, in one write. */
export const logToStandardOutput: Log = (line, metrics) => {
  const text = Buffer.from(lineOf(line, metrics, Date.now()));
  const written = isMainThread ? writtenAtOnce(text) : 0;
  if (written < text.length) process.stdout.write(text.subarray(written));
};

const standardOutput = 1;

/** Past the stream, which costs more than the writing. What a full pipe does not take is left to the stream. */
function writtenAtOnce(text: Buffer): number {
  try {
    return writeSync(standardOutput, text);
  } catch {
    return 0;
  }
}

export function failureLine(error: unknown): FailureLine {
  if (!(error instanceof Error)) return { name: typeof error };
  const { name, code, part } = error as Error & { readonly code?: unknown; readonly part?: unknown };
  const says = code === 'settings-invalid' || code === 'keyring-invalid' ? error.message : undefined;
  const at = /\(?([^\s()/]+\/[^\s()/]+:\d+):\d+\)?$/m.exec(error.stack?.split('\n    at ')[1] ?? '')?.[1];
  return { name, code: textOf(code), part: textOf(part), causeCode: textOf(codeOf(error.cause)), says, at };
}

function codeOf(cause: unknown): unknown {
  if (!(cause instanceof Error)) return undefined;
  return (cause as Error & { readonly code?: unknown }).code ?? cause.name;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
