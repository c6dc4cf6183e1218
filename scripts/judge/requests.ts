/**
 * From attempts to requests: a client that got no answer asks again, with the same key, and the request still happens
 * once at the most.
 *
 *   done     an attempt was acknowledged: it happened, between the first attempt's start and the first acknowledgement
 *   unknown  no attempt was acknowledged, and not all were refused: it may have happened, at any time since, or never
 *   refused  a refusal is an observation of its own: nothing was changed, and something stood in the way
 */
import type { HistoryEntry, HistoryIdentifier } from './history.ts';
import { type Fault, fault } from './verdict.ts';

export interface Request {
  readonly kind: 'done' | 'unknown' | 'refused';
  readonly op: HistoryEntry['op'];
  /** Null for a registration that was never acknowledged. */
  readonly memberId: string | null;
  readonly start: number;
  /** Infinity unless it is known when it had happened, or been refused, at the latest. */
  readonly end: number;
  readonly version: number | null;
  readonly takes: readonly HistoryIdentifier[];
  /** Of an unbinding. */
  readonly field: string | null;
  readonly ifMatch: number | null;
  /** Of a refusal. */
  readonly code: string | null;
  readonly fields: readonly string[];
  readonly entry: HistoryEntry;
}

const isRead = ({ op }: HistoryEntry): boolean => op === 'get' || op === 'lookup';
const isDone = ({ status }: HistoryEntry): boolean => status !== 'timeout' && status >= 200 && status < 300;
/** A refusal by the service itself, before anything was changed. */
const isRefused = ({ status }: HistoryEntry): boolean =>
  status !== 'timeout' && status >= 400 && status < 500;

/** All writes of a history as requests, and what is wrong with the answers to one of them alone (I8). */
export function requestsOf(history: readonly HistoryEntry[]): {
  readonly requests: readonly Request[];
  readonly faults: readonly Fault[];
} {
  const attempts = new Map<string, HistoryEntry[]>();
  for (const [index, entry] of history.entries()) {
    if (isRead(entry)) continue;
    const about = entry.op === 'register' ? null : entry.memberId;
    const name = entry.input?.key
      ? JSON.stringify([entry.op, about, entry.identifier, entry.input])
      : `#${index}`;
    attempts.set(name, [...(attempts.get(name) ?? []), entry]);
  }
  const requests: Request[] = [];
  const faults: Fault[] = [];
  for (const group of attempts.values()) {
    for (const entry of group.filter(isRefused))
      requests.push(requestFrom(entry, 'refused', entry.start, entry.end));
    const open = group.filter((entry) => !isRefused(entry));
    const start = Math.min(...open.map((entry) => entry.start));
    const [first, ...more] = open.filter(isDone).sort((one, other) => one.end - other.end);
    if (first) {
      requests.push(requestFrom(first, 'done', start, first.end));
      const other = more.find(
        ({ memberId, version }) => memberId !== first.memberId || version !== first.version,
      );
      if (other)
        faults.push(
          fault('I8', 'oneReceipt', 'one request was answered with two different receipts', [first, other]),
        );
    } else if (open[0]) requests.push(requestFrom(open[0], 'unknown', start, Number.POSITIVE_INFINITY));
  }
  return { requests, faults };
}

function requestFrom(entry: HistoryEntry, kind: Request['kind'], start: number, end: number): Request {
  const { op, identifier, input } = entry;
  return {
    kind,
    op,
    memberId: op === 'register' && kind !== 'done' ? null : entry.memberId,
    start,
    end,
    version: kind === 'done' ? entry.version : null,
    takes: op === 'register' ? (input?.identifiers ?? []) : op === 'bind' && identifier ? [identifier] : [],
    field: op === 'unbind' ? (input?.field ?? identifier?.kind ?? null) : null,
    ifMatch: input?.ifMatch ?? null,
    code: kind === 'refused' ? (entry.code ?? null) : null,
    fields: entry.fields ?? [],
    entry,
  };
}
