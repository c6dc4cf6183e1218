/**
 * The state of a centre's journal database, in memory: the entries and, beside them, the epoch register. It is a plain
 * object apart from the adapters, so that it outlives a simulated process and is shared by several.
 */
import type { RecordedLoss, RegisteredEpoch } from '../../core/failover/ports.ts';
import type { Clock } from '../../core/kernel/clock.ts';
import type { MemberEvent } from '../../core/propagation/event.ts';

interface MemoryJournalEntry {
  readonly number: number;
  readonly databaseCluster: string;
  readonly event: MemberEvent;
  readonly appendedAtMs: number;
}

export interface MemoryRegister {
  held: RegisteredEpoch;
  longestPromiseMs: number;
}

export interface MemoryJournal {
  /** Its own: ages are by `nowMs` of this clock. */
  readonly clock: Clock;
  readonly register: MemoryRegister;
  /** In the order they were appended, by cluster, member and version. */
  readonly entries: Map<string, MemoryJournalEntry>;
  lastNumber: number;
  /** The loss ledger, by cluster, member, version and kind. */
  readonly ledger: Map<string, RecordedLoss & { readonly number: number }>;
}

export const makeMemoryRegister = (held: RegisteredEpoch): MemoryRegister => ({ held, longestPromiseMs: 0 });

export function makeMemoryJournal(clock: Clock, held: RegisteredEpoch): MemoryJournal {
  return { clock, register: makeMemoryRegister(held), entries: new Map(), lastNumber: 0, ledger: new Map() };
}

export const isSameEpoch = (one: RegisteredEpoch, other: RegisteredEpoch): boolean =>
  one.epoch === other.epoch && one.centre === other.centre;
