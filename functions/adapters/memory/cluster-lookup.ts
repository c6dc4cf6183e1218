import { invariant } from '../../core/kernel/invariant.ts';
import type { MemoryCluster, MemoryTables } from './memory-cluster.ts';

/** By the database cluster's name. */
export type MemoryClusters = Readonly<Record<string, MemoryCluster>>;

export function memoryClusterOf(clusters: MemoryClusters, databaseCluster: string): MemoryCluster {
  const found = clusters[databaseCluster];
  invariant(found, `no database cluster ${databaseCluster}`);
  return found;
}

export function memoryReplicaOf(cluster: MemoryCluster, replica: string): MemoryTables {
  const found = cluster.replicas[replica];
  invariant(found, `no replica ${replica} of database cluster ${cluster.name}`);
  return found.tables;
}

/** Whether the cluster's lease to write has not ended. */
export const leaseStands = (tables: MemoryTables, nowMs: number): boolean =>
  tables.control.leaseEndsMs > nowMs;
