import type { SlotDigests } from '../../core/failover/equality.ts';
import { type Sharding, schemaOfSlot } from '../../core/sharding/sharding.ts';
import { clusterOf } from './clusters.ts';
import type { DatabaseClusters } from './database.ts';
import { readRows } from './plain-run.ts';
import { integer, text } from './rows.ts';
import { digestOfSlots } from './statements/slot-digest.ts';

/** Digests at the servers that `clusters` have as writers, leases or not. */
export function makeMysqlSlotDigests(options: {
  readonly name: string;
  readonly clusters: DatabaseClusters;
  readonly sharding: Pick<Sharding, 'clusterOfSlot' | 'clusters'>;
}): SlotDigests {
  const { name, clusters, sharding } = options;
  return {
    name,
    async digests(slots, deadline) {
      const found = new Map<number, string>();
      for (const cluster of sharding.clusters) {
        const mine = slots.filter((slot) => sharding.clusterOfSlot(slot) === cluster);
        if (mine.length === 0) continue;
        const { writer } = clusterOf(clusters, cluster);
        for (const row of await readRows(writer, digestOfSlots(mine.map(schemaOfSlot)), deadline)) {
          found.set(mine[integer(row, 'position')] ?? -1, text(row, 'digest'));
        }
      }
      return slots.map((slot) => found.get(slot) ?? '');
    },
  };
}
