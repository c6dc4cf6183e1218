import type { Ledger } from '../../core/failover/ports.ts';
import type { MemoryJournal } from './memory-journal.ts';
import { noTurn, type Turn, taking } from './turn.ts';

/** The loss ledger in memory. */
export function makeMemoryLedger(options: {
  readonly name: string;
  readonly state: MemoryJournal;
  readonly turn?: Turn;
}): Ledger {
  const { name, state, turn = noTurn } = options;
  return {
    record: (entries) =>
      taking(turn, name, () => {
        for (const entry of entries) {
          const { databaseCluster, kind, event } = entry;
          const key = `${databaseCluster} ${event.memberId} ${event.version} ${kind}`;
          if (state.ledger.has(key)) continue;
          const recordedAt = new Date(state.clock.nowMs()).toISOString();
          state.ledger.set(key, { ...entry, number: ++state.lastNumber, recordedAt });
        }
      }),

    page: (after, limit) =>
      taking(turn, name, () =>
        [...state.ledger.values()].filter(({ number }) => number > after).slice(0, limit),
      ),

    forget: (epoch) =>
      taking(turn, name, () => {
        const gone = [...state.ledger].filter(([, entry]) => entry.epoch <= epoch);
        for (const [key] of gone) state.ledger.delete(key);
        return gone.length;
      }),
  };
}
