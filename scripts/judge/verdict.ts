/** What is wrong with a history. */
import type { HistoryEntry } from './history.ts';

export interface Fault {
  readonly invariant: 'I1' | 'I2' | 'I3' | 'I4' | 'I8';
  readonly check: string;
  readonly message: string;
  /** What shows it. */
  readonly entries: readonly HistoryEntry[];
}

export const fault = (
  invariant: Fault['invariant'],
  check: string,
  message: string,
  entries: readonly HistoryEntry[],
): Fault => ({ invariant, check, message, entries });

export interface Verdict {
  readonly faults: readonly Fault[];
  readonly writes: number;
  readonly reads: number;
  /** Members and identifiers whose every write was put in an order. */
  readonly linearized: number;
  /** Those whose orders were too many to look through: nothing is said of them. */
  readonly undecided: readonly string[];
}
