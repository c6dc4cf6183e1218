import { DependencyUnavailable } from '../../core/kernel/invariant.ts';
import {
  type DigestKind,
  type DigestSource,
  digestsOf,
  partOf,
  type SlotParts,
} from '../../core/propagation/digests.ts';
import type { Sharding } from '../../core/sharding/sharding.ts';
import { type MemoryClusters, memoryClusterOf, memoryReplicaOf } from './cluster-lookup.ts';
import type { MemoryTables } from './memory-cluster.ts';
import { noTurn, type Turn, taking } from './turn.ts';
import { isWriter } from './writer-check.ts';

/** The database in memory as it is compared: same outcomes as in MySQL, a step a database cluster. */
export function makeMemoryDigests(options: {
  readonly clusters: MemoryClusters;
  readonly sharding: Sharding;
  /** @default the writers */
  readonly replica?: string;
  readonly turn?: Turn;
}): DigestSource {
  const { clusters, sharding, replica, turn = noTurn } = options;

  const ask = async (kind: DigestKind, slots: readonly number[]): Promise<ReadonlyMap<number, Pair[]>> => {
    const found = new Map<number, Pair[]>(slots.map((slot) => [slot, []]));
    await Promise.all(
      sharding.clusters.map(async (name) => {
        const mine = slots.filter((slot) => sharding.clusterOfSlot(slot) === name);
        if (mine.length === 0) return;
        const cluster = memoryClusterOf(clusters, name);
        await taking(turn, replica === undefined ? name : `${name} ${replica}`, () => {
          if (replica === undefined && !isWriter(cluster.writer, cluster.clock.nowMs(), mine))
            throw new DependencyUnavailable(`database ${name}`, new Error('its lease to write has ended'));
          const tables = replica === undefined ? cluster.writer : memoryReplicaOf(cluster, replica);
          for (const pair of pairsIn(tables, kind)) found.get(sharding.slotOf(pair[0]))?.push(pair);
        });
      }),
    );
    return found;
  };

  return {
    name: replica === undefined ? 'writer' : `replica:${replica}`,
    async digests(kind, slots) {
      const found = await ask(kind, slots);
      return slots.map((slot) => digestsOf(found.get(slot) ?? []));
    },
    async pairs(kind, wanted) {
      const found = await ask(
        kind,
        wanted.map(({ slot }) => slot),
      );
      return pairsOfParts(found, wanted);
    },
  };
}

type Pair = readonly [string, string];

/** Of the pairs of each slot, those of the parts that are wanted. */
export const pairsOfParts = (
  found: ReadonlyMap<number, readonly Pair[]>,
  wanted: readonly SlotParts[],
): ReadonlyMap<string, string> =>
  new Map(
    wanted.flatMap(({ slot, parts }) => (found.get(slot) ?? []).filter(([id]) => parts.includes(partOf(id)))),
  );

function pairsIn({ member, directory }: MemoryTables, kind: DigestKind): readonly Pair[] {
  if (kind === 'members') return [...member].map(([id, { version }]) => [id, String(version)]);
  return [...directory.values()]
    .filter(({ state }) => state === 'bound')
    .map(({ key, token }) => [key, token]);
}
