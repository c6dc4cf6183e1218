import { DependencyUnavailable } from '../../core/kernel/invariant.ts';
import type { IdentifierEntry, MemberSource } from '../../core/member/ports.ts';
import { sourceOf, toldByPlace } from '../../core/member/source.ts';
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
  /** One step at each database cluster, whatever it is asked for. */
  const tell = <T>(texts: readonly string[], find: (tables: MemoryTables, text: string) => T | null) =>
    toldByPlace(
      texts,
      (text) => memoryPlaceOf(clusters, sharding, text).cluster.name,
      (cluster, its) =>
        taking(turn, cluster, () =>
          its.map((text) =>
            orUnavailable(() => find(tablesAt(memoryPlaceOf(clusters, sharding, text)), text)),
          ),
        ),
    );
  return sourceOf({
    name,
    members: (memberIds) => tell(memberIds, (tables, memberId) => tables.member.get(memberId) ?? null),
    identifiers: (keys) => tell(keys, entryOf),
  });
}

/** What cannot be told of one slot costs that one only. */
function orUnavailable<T>(find: () => T): T | DependencyUnavailable {
  try {
    return find();
  } catch (error) {
    if (error instanceof DependencyUnavailable) return error;
    throw error;
  }
}

function entryOf(tables: MemoryTables, key: string): IdentifierEntry | null {
  const row = tables.directory.get(key);
  if (!row) return null;
  const { state, memberId, token, version } = row;
  return { state, memberId, token, version };
}
