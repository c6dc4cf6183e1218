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

/** What goes to one database cluster, and of that what goes to one slot. */
export interface PlacedInCluster<Item> {
  readonly databaseCluster: string;
  readonly writer: Database;
  readonly slots: readonly (Place & { readonly items: readonly Item[] })[];
}

/**
 * Items by database cluster and slot, in the order in which everybody locks: of clusters, within one of slots, within
 * one of the texts that the items are placed by.
 */
export function placeAll<Item>(
  clusters: DatabaseClusters,
  sharding: Sharding,
  items: readonly Item[],
  hashed: (item: Item) => string,
): readonly PlacedInCluster<Item>[] {
  const bySlot = new Map<number, { at: Place; items: { text: string; item: Item }[] }>();
  for (const item of items) {
    const text = hashed(item);
    const at = placeOf(clusters, sharding, text);
    const known = bySlot.get(at.slot);
    if (known) known.items.push({ text, item });
    else bySlot.set(at.slot, { at, items: [{ text, item }] });
  }
  const slots = [...bySlot.values()]
    .sort((one, other) => one.at.slot - other.at.slot)
    .map(({ at, items: placed }) => ({
      ...at,
      items: placed.sort((one, other) => (one.text < other.text ? -1 : 1)).map(({ item }) => item),
    }));
  return sharding.clusters.flatMap((databaseCluster) => {
    const mine = slots.filter((slot) => slot.databaseCluster === databaseCluster);
    return mine.length === 0
      ? []
      : [{ databaseCluster, writer: clusterOf(clusters, databaseCluster).writer, slots: mine }];
  });
}

/** So many SELECTs are sent as one: fewer answers to take apart, and no statement of more tables than a server likes. */
export const selectsMax = 64;

export function inParts<Item>(items: readonly Item[], itemsMax: number): readonly (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / itemsMax) }, (_, part) =>
    items.slice(part * itemsMax, (part + 1) * itemsMax),
  );
}
