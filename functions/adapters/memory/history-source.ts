import { DependencyUnavailable } from '../../core/kernel/invariant.ts';
import type { HistoryRow, HistorySource } from '../../core/member/ports.ts';
import type { Sharding } from '../../core/sharding/sharding.ts';
import { type MemoryClusters, memoryReplicaOf } from './cluster-lookup.ts';
import type { MemoryTables } from './memory-cluster.ts';
import { noTurn, type Turn, taking } from './turn.ts';
import { isWriter, memoryPlaceOf } from './writer-check.ts';

/** Histories in memory: those of the writers, or those that `replica` shows. */
export function makeMemoryHistory(options: {
  readonly clusters: MemoryClusters;
  readonly sharding: Sharding;
  /** @default the writers */
  readonly replica?: string;
  readonly turn?: Turn;
}): HistorySource {
  const { clusters, sharding, replica, turn = noTurn } = options;
  return {
    name: replica === undefined ? 'writer' : `replica:${replica}`,
    rows(memberId, afterVersion, limit) {
      const { slot, cluster } = memoryPlaceOf(clusters, sharding, memberId);
      if (replica !== undefined) {
        return taking(turn, `${cluster.name} ${replica}`, () =>
          rowsOf(memoryReplicaOf(cluster, replica), memberId, afterVersion, limit),
        );
      }
      return taking(turn, cluster.name, () => {
        if (!isWriter(cluster.writer, cluster.clock.nowMs(), [slot])) {
          throw new DependencyUnavailable(
            `database ${cluster.name}`,
            new Error('its lease to write has ended'),
          );
        }
        return rowsOf(cluster.writer, memberId, afterVersion, limit);
      });
    },
  };
}

const rowsOf = (
  { history }: MemoryTables,
  memberId: string,
  afterVersion: number,
  limit: number,
): readonly HistoryRow[] =>
  (history.get(memberId) ?? []).filter(({ version }) => version > afterVersion).slice(0, limit);
