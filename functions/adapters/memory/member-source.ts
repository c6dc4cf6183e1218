import { DependencyUnavailable } from '../../core/kernel/invariant.ts';
import type { IdentifierEntry, MemberSource } from '../../core/member/ports.ts';
import type { Sharding } from '../../core/sharding/sharding.ts';
import { type MemoryClusters, memoryReplicaOf } from './cluster-lookup.ts';
import type { MemoryTables } from './memory-cluster.ts';
import { noTurn, type Turn, taking } from './turn.ts';
import { isWriter, type MemoryPlace, memoryPlaceOf } from './writer-check.ts';

interface SourceOptions {
  readonly name: string;
  readonly clusters: MemoryClusters;
  readonly sharding: Sharding;
  readonly turn?: Turn;
}

/** What the writers say. It throws when their lease to write has ended, as in MySQL. */
export function makeMemoryWriterSource(options: SourceOptions): MemberSource {
  return makeSource(options, ({ slot, cluster }) => {
    if (!isWriter(cluster.writer, cluster.clock.nowMs(), [slot])) {
      throw new DependencyUnavailable(`database ${cluster.name}`, new Error('its lease to write has ended'));
    }
    return cluster.writer;
  });
}

/** What a replica of each database cluster shows. `choose` picks one of the replicas' names a call. */
export function makeMemoryReplicaSource({
  choose,
  ...options
}: SourceOptions & {
  readonly choose: (databaseCluster: string, replicas: readonly string[]) => string;
}): MemberSource {
  return makeSource(options, ({ cluster }) =>
    memoryReplicaOf(cluster, choose(cluster.name, Object.keys(cluster.replicas))),
  );
}

function makeSource(
  { name, clusters, sharding, turn = noTurn }: SourceOptions,
  tablesAt: (place: MemoryPlace) => MemoryTables,
): MemberSource {
  return {
    name,
    member(memberId) {
      const place = memoryPlaceOf(clusters, sharding, memberId);
      return taking(turn, place.cluster.name, () => tablesAt(place).member.get(memberId) ?? null);
    },
    identifier(key) {
      const place = memoryPlaceOf(clusters, sharding, key);
      return taking(turn, place.cluster.name, () => entryOf(tablesAt(place), key));
    },
  };
}

function entryOf(tables: MemoryTables, key: string): IdentifierEntry | null {
  const row = tables.directory.get(key);
  if (!row) return null;
  const { state, memberId, token, version } = row;
  return { state, memberId, token, version };
}
