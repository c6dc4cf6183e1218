/**
 * A member's history: one entry for each commit, written in its transaction and never changed. Governance and the audit
 * of callers stand on it. It holds no personal data: names of what changed and never values, identifiers as keyed hashes.
 */
import { epochOf } from '../failover/epoch.ts';
import { fieldOf, type IdentifierField } from './identifiers.ts';
import type { Change, Holding, Member } from './member.ts';
import type { WriteRequest } from './outcomes.ts';

type Operation = Change['operation'];

/** An identifier as the history knows it. */
export interface PastIdentifier {
  /** Null in entries of format 1, which did not keep it. */
  readonly field: IdentifierField | null;
  /** Its keyed hash. */
  readonly key: string;
}

/** What a commit writes. The member's version is the entry's own key. */
export interface HistoryEntry {
  readonly format: 2;
  readonly epoch: number;
  /** By the clock of who wrote it: for people. What orders entries is their version. */
  readonly at: string;
  readonly operation: Operation;
  readonly caller: string;
  /** Why, as a code: the caller's `x-reason`, or else one by the operation. */
  readonly reason: string;
  readonly idempotencyKey: string;
  /** `status`, `name`, `level`, and the fields of identifiers. Empty when a write changed nothing. */
  readonly changed: readonly string[];
  /** Every identifier that the member holds after it. Before it: without what was taken, with what was freed. */
  readonly held: readonly PastIdentifier[];
  readonly taken: readonly PastIdentifier[];
  readonly freed: readonly PastIdentifier[];
}

/** An entry as it is read. What its format did not keep yet is null. */
export interface PastChange extends Omit<HistoryEntry, 'format' | 'reason' | 'changed' | 'held'> {
  readonly version: number;
  readonly reason: string | null;
  readonly changed: readonly string[] | null;
  readonly held: readonly PastIdentifier[] | null;
}

/** What a write is done for when its caller does not say. */
const defaultReasons: Readonly<Record<Operation, string>> = {
  register: 'registration',
  update: 'update',
  bind: 'binding',
  unbind: 'unbinding',
  cancel: 'cancellation',
  refresh: 'key-rotation',
};

const pastOf = ({ identifier, key }: Holding): PastIdentifier => ({ field: fieldOf(identifier), key });

/**
 * @param member the change's, at its version
 * @param at when it is written, ISO 8601: a change may leave the member's own `updatedAt` alone
 */
export function historyEntryOf(
  { operation, before, taken, freed }: Change,
  member: Member,
  epoch: number,
  at: string,
  request: WriteRequest,
): HistoryEntry {
  return {
    format: 2,
    epoch,
    at,
    operation,
    caller: request.caller,
    reason: request.reason ?? defaultReasons[operation],
    idempotencyKey: request.idempotencyKey,
    changed: changedBetween(before, member),
    held: member.holdings.map(pastOf),
    taken: taken.map(pastOf),
    freed: freed.map(pastOf),
  };
}

function changedBetween(before: Member | null, after: Member): readonly string[] {
  const properties = (['status', 'name', 'level'] as const).filter((name) => before?.[name] !== after[name]);
  const [heldBefore, heldAfter] = [before?.holdings ?? [], after.holdings];
  const fields = [...heldBefore, ...heldAfter].map(({ identifier }) => fieldOf(identifier));
  /** By its value: under which keys it is held is nothing of the member's. */
  const heldIn = (field: IdentifierField, holdings: readonly Holding[]): string | undefined =>
    holdings.find(({ identifier }) => fieldOf(identifier) === field)?.identifier.value;
  return [
    ...properties,
    ...[...new Set(fields)].filter((field) => heldIn(field, heldBefore) !== heldIn(field, heldAfter)),
  ];
}

/** Format 1 had no number, nor what this type has not. */
type EntryOfFormat1 = Pick<HistoryEntry, 'at' | 'operation' | 'caller' | 'idempotencyKey'> & {
  readonly format?: undefined;
  readonly taken: readonly string[];
  readonly freed: readonly string[];
};

/** Reads an entry of any format that was ever written; null for one of a format that only newer code knows. */
export function pastChangeOf(version: number, text: string): PastChange | null {
  const entry = JSON.parse(text) as HistoryEntry | EntryOfFormat1 | { readonly format: 'newer' };
  if (entry.format === 2) {
    const { format: _, ...rest } = entry;
    return { version, ...rest };
  }
  if (entry.format !== undefined) return null;
  const { at, operation, caller, idempotencyKey } = entry;
  const withoutField = (key: string): PastIdentifier => ({ field: null, key });
  return {
    version,
    epoch: epochOf(version),
    at,
    operation,
    caller,
    reason: null,
    idempotencyKey,
    changed: null,
    held: null,
    taken: entry.taken.map(withoutField),
    freed: entry.freed.map(withoutField),
  };
}
