import type { Findings } from '../search/reconcile.ts';
import type { OutboxRow, SinkName } from './event.ts';

/** Hears what the relay does, for telemetry. It neither waits nor throws, and decides nothing. */
export interface RelayObserver {
  /** A round of a duty ended; `unavailable`: a part did not answer, and it is done again. */
  round(duty: string, outcome: 'done' | 'unavailable'): void;
  /** Sinks were struck off these rows here: whoever wrote them did not, or not in time. */
  redelivered(rows: readonly OutboxRow[]): void;
  /** So many rows were completed, and have gone. */
  completed(rows: number): void;
  /** A sink was compared with the database: so many slots of it, and what was found in them. */
  compared(sink: SinkName, slots: number, found: Findings): void;
}

export const nobodyListens: RelayObserver = { round() {}, redelivered() {}, completed() {}, compared() {} };
