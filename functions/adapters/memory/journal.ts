import type { RegisteredEpoch } from '../../core/failover/ports.ts';
import type { MemberEvent } from '../../core/propagation/event.ts';
import type { Journal } from '../../core/propagation/ports.ts';
import { isSameEpoch, type MemoryJournal } from './memory-journal.ts';
import { noTurn, type Turn, taking } from './turn.ts';

/** A centre's journal in memory: same outcomes as in MySQL, a method one step on the state. */
export function makeMemoryJournalAdapter(options: {
  readonly name: string;
  readonly state: MemoryJournal;
  readonly turn?: Turn;
}): Journal {
  const { name, state, turn = noTurn } = options;
  const append = (
    databaseCluster: string,
    events: readonly MemberEvent[],
    writer: RegisteredEpoch,
  ): Promise<'appended' | 'refused'> =>
    taking(turn, name, () => {
      if (!isSameEpoch(state.register.held, writer)) return 'refused';
      for (const event of events) {
        const key = keyOf(databaseCluster, event);
        if (!state.entries.has(key)) {
          const appendedAtMs = state.clock.nowMs();
          state.entries.set(key, { number: ++state.lastNumber, databaseCluster, event, appendedAtMs });
        }
      }
      return 'appended';
    });

  return {
    append: (databaseCluster, event, writer) => append(databaseCluster, [event], writer),
    appendMany: append,

    trim: (databaseCluster, events) =>
      taking(turn, name, () => {
        for (const event of events) state.entries.delete(keyOf(databaseCluster, event));
      }),

    entries: (databaseCluster, minAgeMs, limit) =>
      taking(turn, name, () => {
        const newestMs = state.clock.nowMs() - minAgeMs;
        return [...state.entries.values()]
          .filter((entry) => entry.databaseCluster === databaseCluster && entry.appendedAtMs <= newestMs)
          .slice(0, limit)
          .map((entry) => entry.event);
      }),

    page: (databaseCluster, after, limit) =>
      taking(turn, name, () =>
        [...state.entries.values()]
          .filter((entry) => entry.databaseCluster === databaseCluster && entry.number > after)
          .slice(0, limit)
          .map(({ number, event }) => ({ number, event })),
      ),

    backlog: (databaseCluster) =>
      taking(turn, name, () => {
        const appended = [...state.entries.values()]
          .filter((entry) => entry.databaseCluster === databaseCluster)
          .map((entry) => entry.appendedAtMs);
        return {
          waiting: appended.length,
          oldestMs: Math.max(0, state.clock.nowMs() - Math.min(...appended)),
        };
      }),
  };
}

const keyOf = (
  databaseCluster: string,
  change: { readonly memberId: string; readonly version: number },
): string => `${databaseCluster} ${change.memberId} ${change.version}`;
