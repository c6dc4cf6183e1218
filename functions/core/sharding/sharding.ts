/**
 * Sharding: 1,024 slots, each one MySQL schema (`slot_0000` to `slot_1023`). A key's slot comes from a hash whose key
 * never rotates; the shard map says which database cluster holds which slots.
 */
import { invariant } from '../kernel/invariant.ts';

export const slotCount = 1024;

/** The schema that holds a slot. Always named in full in statements: no connection has a current schema. */
export const schemaOfSlot = (slot: number): string => `slot_${String(slot).padStart(4, '0')}`;

/** Ranges (inclusive, without gap or overlap) by database cluster, and single slots that have moved elsewhere. */
export interface ShardMap {
  readonly version: number;
  readonly ranges: readonly { readonly first: number; readonly last: number; readonly cluster: string }[];
  readonly exceptions: Readonly<Record<number, string>>;
}

/** Hashes a text to a slot, with the key that never rotates. */
export interface SlotHasher {
  /** 0 to 1023. */
  slotOf(text: string): number;
}

export interface Sharding {
  /** Every database cluster, in the fixed order in which rows of several are taken. */
  readonly clusters: readonly string[];
  slotOf(text: string): number;
  clusterOfSlot(slot: number): string;
  clusterOf(text: string): string;
}

/** @throws InvariantBroken when the map does not cover every slot exactly once */
export function makeSharding(hasher: SlotHasher, map: ShardMap): Sharding {
  const bySlot: string[] = [];
  for (const { first, last, cluster } of map.ranges) {
    for (let slot = first; slot <= last; slot++) {
      invariant(bySlot[slot] === undefined, `the shard map names slot ${slot} twice`);
      bySlot[slot] = cluster;
    }
  }
  for (let slot = 0; slot < slotCount; slot++) {
    invariant(bySlot[slot] !== undefined, `the shard map does not name slot ${slot}`);
  }
  invariant(bySlot.length === slotCount, `the shard map names slots beyond ${slotCount - 1}`);
  for (const [slot, cluster] of Object.entries(map.exceptions)) bySlot[Number(slot)] = cluster;
  const clusterOfSlot = (slot: number): string => {
    const cluster = bySlot[slot];
    invariant(cluster !== undefined, `no slot ${slot}`);
    return cluster;
  };
  return {
    clusters: [...new Set(bySlot)].sort(),
    slotOf: (text) => hasher.slotOf(text),
    clusterOfSlot,
    clusterOf: (text) => clusterOfSlot(hasher.slotOf(text)),
  };
}
