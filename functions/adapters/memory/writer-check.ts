import type { Sharding } from '../../core/sharding/sharding.ts';
import { leaseStands, type MemoryClusters, memoryClusterOf } from './cluster-lookup.ts';
import type { MemoryCluster, MemoryTables } from './memory-cluster.ts';

/** Where a text lives in memory: its slot, and the cluster that holds it. */
export interface MemoryPlace {
  readonly slot: number;
  readonly cluster: MemoryCluster;
}

export function memoryPlaceOf(clusters: MemoryClusters, sharding: Sharding, hashed: string): MemoryPlace {
  const slot = sharding.slotOf(hashed);
  return { slot, cluster: memoryClusterOf(clusters, sharding.clusterOfSlot(slot)) };
}

/** What the guard of a transaction checks: the lease to write stands, the slots are here, the epoch is open. */
export function isWriter(
  tables: MemoryTables,
  nowMs: number,
  slots: readonly number[],
  epoch: number = tables.control.epoch.epoch,
): boolean {
  return (
    leaseStands(tables, nowMs) &&
    tables.control.epoch.epoch === epoch &&
    !slots.some((slot) => tables.movedSlot.has(slot))
  );
}
