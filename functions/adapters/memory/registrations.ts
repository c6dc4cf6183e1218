import type { Registrations } from '../../core/member/ports.ts';
import type { Sharding } from '../../core/sharding/sharding.ts';
import type { MemoryClusters } from './cluster-lookup.ts';
import { commitTo } from './memory-cluster.ts';
import { noTurn, type Turn, taking } from './turn.ts';
import { isWriter, memoryPlaceOf } from './writer-check.ts';

/** Registration records in memory: same outcomes as in MySQL. */
export function makeMemoryRegistrations(options: {
  readonly clusters: MemoryClusters;
  readonly sharding: Sharding;
  readonly turn?: Turn;
}): Registrations {
  const { clusters, sharding, turn = noTurn } = options;
  return {
    begin({ caller, key, memberId, requestHash }) {
      const name = `${caller}\u0000${key}`;
      const { slot, cluster } = memoryPlaceOf(clusters, sharding, name);
      return taking(turn, cluster.name, () =>
        commitTo(cluster, (tables, nowMs) => {
          if (!isWriter(tables, nowMs, [slot])) return { kind: 'not-the-writer' };
          const record = tables.registration.get(name) ?? { memberId, requestHash };
          tables.registration.set(name, { ...record, begunAtMs: nowMs });
          return {
            kind: 'registration',
            memberId: record.memberId,
            requestHash: record.requestHash,
            epoch: tables.control.epoch.epoch,
          };
        }),
      );
    },
  };
}
