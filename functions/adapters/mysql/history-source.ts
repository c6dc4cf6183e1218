import { DependencyUnavailable } from '../../core/kernel/invariant.ts';
import type { HistoryRow, HistorySource } from '../../core/member/ports.ts';
import type { Sharding } from '../../core/sharding/sharding.ts';
import { placeOf } from './clusters.ts';
import type { DatabaseClusters, Row } from './database.ts';
import { readRows, replicaOf } from './plain-run.ts';
import { integer, text } from './rows.ts';
import { readHistoryAtReplica, readHistoryAtWriter } from './statements/read-history.ts';

interface SourceOptions {
  readonly clusters: DatabaseClusters;
  readonly sharding: Sharding;
}

const historyRowOf = (row: Row): HistoryRow => ({
  version: integer(row, 'version'),
  entry: text(row, 'entry'),
});

/** Histories at the writers. It throws when their lease to write has ended. */
export function makeMysqlWriterHistory({ clusters, sharding }: SourceOptions): HistorySource {
  return {
    name: 'writer',
    async rows(memberId, afterVersion, limit, deadline) {
      const at = placeOf(clusters, sharding, memberId);
      const statement = readHistoryAtWriter(at, memberId, afterVersion, limit);
      const rows = await readRows(at.writer, statement, deadline);
      if (rows.length === 0)
        throw new DependencyUnavailable(at.writer.name, new Error('its lease to write has ended'));
      return rows.filter(({ version }) => version !== null).map(historyRowOf);
    },
  };
}

/** Histories as a replica shows them. The same name in every database cluster. */
export function makeMysqlReplicaHistory({
  replica,
  clusters,
  sharding,
}: SourceOptions & { readonly replica: string }): HistorySource {
  return {
    name: `replica:${replica}`,
    async rows(memberId, afterVersion, limit, deadline) {
      const { databaseCluster, schema } = placeOf(clusters, sharding, memberId);
      const statement = readHistoryAtReplica(schema, memberId, afterVersion, limit);
      return (await readRows(replicaOf(clusters, databaseCluster, replica), statement, deadline)).map(
        historyRowOf,
      );
    },
  };
}
