/**
 * A history: what clients asked and what they were answered, one JSON object a line. Whoever drives a service or a
 * simulation can write one; `judge.ts` tells whether a service that keeps its promises can have answered so.
 *
 * Nothing in it is personal data: identifiers are keyed hashes, by any key as long as it is one for the whole history.
 */
import { readFileSync } from 'node:fs';

export const operations = ['register', 'get', 'lookup', 'update', 'bind', 'unbind', 'cancel'] as const;

/** `kind` is the field of the member: `phone`, `unionId`, `cardNo`, `account:PLATFORM`. */
export interface HistoryIdentifier {
  readonly kind: string;
  readonly hash: string;
}

/** What a write asked for, and under which idempotency key. Attempts with equal inputs are attempts of one request. */
export interface HistoryInput {
  readonly key?: string;
  /** What a registration takes. */
  readonly identifiers?: readonly HistoryIdentifier[];
  /** The version that an update named by `If-Match`. */
  readonly ifMatch?: number | null;
  /** The field that an unbinding frees. */
  readonly field?: string;
  /** An operator's rewriting under the current keys: an `update` that may be about a cancelled member. */
  readonly refresh?: string;
  readonly [other: string]: unknown;
}

export interface HistoryEntry {
  /** Which client asked. */
  readonly process: string;
  readonly op: (typeof operations)[number];
  /** Where it was asked. */
  readonly centre: string;
  /** Nanoseconds of one clock for the whole history. */
  readonly start: number;
  /** When the answer had arrived, or nobody waited for it any more. */
  readonly end: number;
  /** The member asked about; of a registration and a lookup, the member answered. */
  readonly memberId: string | null;
  /** What a lookup asked for, or a binding takes. */
  readonly identifier: HistoryIdentifier | null;
  readonly input: HistoryInput | null;
  /** HTTP, or that no answer came. */
  readonly status: number | 'timeout';
  /** Of the receipt, or of the member that a read answered. */
  readonly version: number | null;
  readonly durability: 'both-centres' | 'one-centre' | null;
  readonly freshness: 'fresh' | 'bounded' | 'stale' | null;
  readonly source: string | null;
  /** Of a bounded answer. */
  readonly ageMs?: number;
  /** Of a problem. */
  readonly code?: string;
  /** Of the problem `identifier-bound`: which fields are bound. */
  readonly fields?: readonly string[];
}

export const lineOf = (entry: HistoryEntry): string => `${JSON.stringify(entry)}\n`;

/** The file is no history. Its message says where. */
export class HistoryUnreadable extends Error {
  readonly code = 'history-unreadable';
}

/** @throws HistoryUnreadable */
export function readHistory(path: string): readonly HistoryEntry[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new HistoryUnreadable(`${path} cannot be read: ${(error as Error).message}`);
  }
  return text
    .split('\n')
    .flatMap((line, index) => (line.trim() === '' ? [] : [entryOf(line, `${path}:${index + 1}`)]));
}

function entryOf(line: string, where: string): HistoryEntry {
  let entry: HistoryEntry;
  try {
    entry = JSON.parse(line) as HistoryEntry;
  } catch {
    throw new HistoryUnreadable(`${where} is not JSON`);
  }
  const missing = faultOf(entry);
  if (missing !== null) throw new HistoryUnreadable(`${where}: ${missing}`);
  return entry;
}

function faultOf(entry: HistoryEntry): string | null {
  if (typeof entry !== 'object' || entry === null) return 'not an object';
  if (!operations.includes(entry.op)) return `"op" is one of ${operations.join(', ')}`;
  if (!Number.isFinite(entry.start) || !Number.isFinite(entry.end) || entry.end < entry.start)
    return '"start" and "end" are nanoseconds, in this order';
  if (entry.status !== 'timeout' && !Number.isInteger(entry.status))
    return '"status" is an HTTP status, or "timeout"';
  if (['update', 'bind', 'unbind', 'cancel', 'get'].includes(entry.op) && typeof entry.memberId !== 'string')
    return `"memberId" of "${entry.op}" is missing`;
  if (['lookup', 'bind'].includes(entry.op) && typeof entry.identifier?.hash !== 'string')
    return `"identifier" of "${entry.op}" is missing`;
  return null;
}
