import { invariant } from '../../core/kernel/invariant.ts';
import { type Sharding, schemaOfSlot } from '../../core/sharding/sharding.ts';
import type { ClusterDatabases, Database, DatabaseClusters } from './database.ts';

export function clusterOf(clusters: DatabaseClusters, databaseCluster: string): ClusterDatabases {
  const cluster = clusters[databaseCluster];
  invariant(cluster, `no database cluster ${databaseCluster} in the configuration`);
  return cluster;
}

/** Where a text lives: its slot, the slot's schema, and the database cluster that holds it. */
export interface Place {
  readonly slot: number;
  readonly schema: string;
  readonly databaseCluster: string;
  readonly writer: Database;
}

export function placeOf(clusters: DatabaseClusters, sharding: Sharding, hashed: string): Place {
  const slot = sharding.slotOf(hashed);
  const databaseCluster = sharding.clusterOfSlot(slot);
  return {
    slot,
    schema: schemaOfSlot(slot),
    databaseCluster,
    writer: clusterOf(clusters, databaseCluster).writer,
  };
}
