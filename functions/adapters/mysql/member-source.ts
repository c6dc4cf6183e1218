import { DependencyUnavailable } from '../../core/kernel/invariant.ts';
import type { MemberSource } from '../../core/member/ports.ts';
import type { Sharding } from '../../core/sharding/sharding.ts';
import { clusterOf, type Place, placeOf } from './clusters.ts';
import type { Database, DatabaseClusters, Row } from './database.ts';
import { identifierEntryOf, storedMemberOf } from './member-rows.ts';
import { rowAt } from './rows.ts';
import { readIdentifierAtReplica, readMemberAtReplica } from './statements/read-at-replica.ts';
import { readIdentifierAtWriter, readMemberAtWriter } from './statements/read-at-writer.ts';

interface SourceOptions {
  readonly name: string;
  readonly clusters: DatabaseClusters;
  readonly sharding: Sharding;
}

/** What the writers say: final, as long as their lease to write stands. It throws when that has ended. */
export function makeMysqlWriterSource({ name, clusters, sharding }: SourceOptions): MemberSource {
  function stillWriter({ writer }: Place, row: Row | undefined): Row {
    if (!row) throw new DependencyUnavailable(writer.name, new Error('its lease to write has ended'));
    return row;
  }
  return {
    name,
    async member(memberId, deadline) {
      const at = placeOf(clusters, sharding, memberId);
      const results = await at.writer.run([readMemberAtWriter(at, memberId, null)], deadline);
      return storedMemberOf(stillWriter(at, rowAt(results, 0)));
    },
    async identifier(key, deadline) {
      const at = placeOf(clusters, sharding, key);
      const results = await at.writer.run([readIdentifierAtWriter(at, key)], deadline);
      return identifierEntryOf(stillWriter(at, rowAt(results, 0)));
    },
  };
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
  function replicaOf(databaseCluster: string): Database {
    const { replicas } = clusterOf(clusters, databaseCluster);
    const chosen = replicas[choose(databaseCluster, Object.keys(replicas))];
    if (!chosen) throw new DependencyUnavailable(`database ${databaseCluster}`, new Error('no such replica'));
    return chosen;
  }
  return {
    name,
    async member(memberId, deadline) {
      const { databaseCluster, schema } = placeOf(clusters, sharding, memberId);
      const statement = readMemberAtReplica(schema, memberId);
      return storedMemberOf(rowAt(await replicaOf(databaseCluster).run([statement], deadline), 0));
    },
    async identifier(key, deadline) {
      const { databaseCluster, schema } = placeOf(clusters, sharding, key);
      const statement = readIdentifierAtReplica(schema, key);
      return identifierEntryOf(rowAt(await replicaOf(databaseCluster).run([statement], deadline), 0));
    },
  };
}
