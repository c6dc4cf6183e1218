import type { Deadline } from '../../core/kernel/clock.ts';
import { DependencyUnavailable } from '../../core/kernel/invariant.ts';
import type { MemberSource } from '../../core/member/ports.ts';
import { sourceOf, toldByPlace } from '../../core/member/source.ts';
import type { Sharding } from '../../core/sharding/sharding.ts';
import { clusterOf, type Place, placeOf } from './clusters.ts';
import type { Database, DatabaseClusters, Row, Statement } from './database.ts';
import { identifierEntryOf, storedMemberOf } from './member-rows.ts';
import { rowAt } from './rows.ts';
import { readIdentifierAtReplica, readMemberAtReplica } from './statements/read-at-replica.ts';
import { readIdentifierAtWriter, readMemberAtWriter } from './statements/read-at-writer.ts';

interface SourceOptions {
  readonly name: string;
  readonly clusters: DatabaseClusters;
  readonly sharding: Sharding;
}

/** What the writers say: final, as long as their lease to write stands. It cannot tell when that has ended. */
export function makeMysqlWriterSource({ name, clusters, sharding }: SourceOptions): MemberSource {
  const tell = tellers(sharding, clusters, (databaseCluster) => clusterOf(clusters, databaseCluster).writer);
  const stillWriter =
    <T>(read: (row: Row) => T) =>
    (row: Row | undefined, { name: writer }: Database): T | DependencyUnavailable =>
      row ? read(row) : new DependencyUnavailable(writer, new Error('its lease to write has ended'));
  return sourceOf({
    name,
    members: tell((at, memberId) => readMemberAtWriter(at, memberId, null), stillWriter(storedMemberOf)),
    identifiers: tell(readIdentifierAtWriter, stillWriter(identifierEntryOf)),
  });
}

/** What a replica of each database cluster shows: it may be old. `choose` picks one of the replicas' names a call. */
export function makeMysqlReplicaSource({
  name,
  clusters,
  sharding,
  choose,
}: SourceOptions & {
  readonly choose: (databaseCluster: string, replicas: readonly string[]) => string;
}): MemberSource {
  const tell = tellers(sharding, clusters, (databaseCluster) => {
    const { replicas } = clusterOf(clusters, databaseCluster);
    const chosen = replicas[choose(databaseCluster, Object.keys(replicas))];
    if (!chosen) throw new DependencyUnavailable(`database ${databaseCluster}`, new Error('no such replica'));
    return chosen;
  });
  return sourceOf({
    name,
    members: tell(({ schema }, memberId) => readMemberAtReplica(schema, memberId), storedMemberOf),
    identifiers: tell(({ schema }, key) => readIdentifierAtReplica(schema, key), identifierEntryOf),
  });
}

/** One statement for each thing, and one round trip to each database cluster that has any of them. */
function tellers(
  sharding: Sharding,
  clusters: DatabaseClusters,
  databaseOf: (databaseCluster: string) => Database,
) {
  return <T>(
    statementOf: (at: Place, thing: string) => Statement,
    read: (row: Row | undefined, database: Database) => T | null | DependencyUnavailable,
  ) =>
    (things: readonly string[], deadline: Deadline) =>
      toldByPlace(
        things,
        (thing) => sharding.clusterOf(thing),
        async (databaseCluster, its) => {
          const database = databaseOf(databaseCluster);
          const statements = its.map((thing) => statementOf(placeOf(clusters, sharding, thing), thing));
          const results = await database.run(statements, deadline);
          return its.map((_, index) => read(rowAt(results, index), database));
        },
      );
}
