import type { DirectoryChange, DirectoryRow } from '../../core/directory/directory.ts';
import type { Claim, Directory, WriterRefused } from '../../core/directory/ports.ts';
import type { Deadline } from '../../core/kernel/clock.ts';
import { invariant } from '../../core/kernel/invariant.ts';
import type { Sharding } from '../../core/sharding/sharding.ts';
import { type Place, placeOf } from './clusters.ts';
import type { DatabaseClusters, Row } from './database.ts';
import { writerGuard } from './guard.ts';
import { identifierEntryOf } from './member-rows.ts';
import { boundRows, replicaOf } from './plain-run.ts';
import { integer, oneOf, resultAt, rowAt, text } from './rows.ts';
import { claimRow, readRow } from './statements/claim.ts';
import { readIdentifierAtReplica } from './statements/read-at-replica.ts';
import { settleRow } from './statements/settle.ts';
import { takeOverRow } from './statements/take-over.ts';
import { transact } from './transaction.ts';

const notTheWriter: WriterRefused = { kind: 'not-the-writer' };

/** The directory in MySQL, each row in the slot of its key. */
export function makeMysqlDirectory(options: {
  readonly clusters: DatabaseClusters;
  readonly sharding: Sharding;
}): Directory {
  const { clusters, sharding } = options;

  /** What goes to one database cluster in one transaction, in the order of the keys: everybody locks in that order. */
  function byCluster<T extends { readonly key: string }>(items: readonly T[]) {
    const placed = items
      .map((item) => ({ item, ...placeOf(clusters, sharding, item.key) }))
      .sort((a, b) => (a.item.key < b.item.key ? -1 : 1));
    return sharding.clusters
      .map((cluster) => placed.filter(({ databaseCluster }) => databaseCluster === cluster))
      .filter((group) => group.length > 0);
  }

  async function claimIn(
    group: readonly (Place & { readonly item: Claim })[],
    memberId: string,
    claimMs: number,
    deadline: Deadline,
  ): Promise<readonly DirectoryRow[] | null> {
    const { writer, databaseCluster } = head(group);
    const outcome = await transact(
      writer,
      {
        guard: writerGuard(databaseCluster, { slots: group.map(({ slot }) => slot) }),
        body: [
          ...group.map(({ schema, item }) => claimRow(schema, memberId, item, claimMs)),
          ...group.map(({ schema, item }) => readRow(schema, item.key)),
        ],
      },
      deadline,
    );
    if (outcome.kind === 'refused') return null;
    return group.map((_, index) => directoryRowOf(rowAt(outcome.body, group.length + index)));
  }

  return {
    async claim(memberId, claims, claimMs, deadline) {
      const rows = new Map<string, DirectoryRow>();
      for (const group of byCluster(claims)) {
        const answer = await claimIn(group, memberId, claimMs, deadline);
        if (answer === null) return notTheWriter;
        for (const row of answer) rows.set(row.key, row);
        if (group.some(({ item }) => rows.get(item.key)?.token !== item.token)) break;
      }
      return { kind: 'rows', rows: claims.map(({ key }) => rows.get(key) ?? null) };
    },

    async takeOver(seen, memberId, claim, version, claimMs, deadline) {
      const { slot, schema, databaseCluster, writer } = placeOf(clusters, sharding, seen.key);
      const outcome = await transact(
        writer,
        {
          guard: writerGuard(databaseCluster, { slots: [slot] }),
          body: [takeOverRow(schema, seen, memberId, claim, version, claimMs)],
        },
        deadline,
      );
      if (outcome.kind === 'refused') return notTheWriter;
      return { kind: resultAt(outcome.body, 0).affectedRows === 1 ? 'taken' : 'changed' };
    },

    async settle(changes, version, deadline) {
      const outcomes = await Promise.all(
        byCluster<DirectoryChange>(changes).map((group) =>
          transact(
            head(group).writer,
            {
              guard: writerGuard(head(group).databaseCluster, { slots: group.map(({ slot }) => slot) }),
              body: group.map(({ schema, item }) => settleRow(schema, item, version)),
            },
            deadline,
          ),
        ),
      );
      return outcomes.some(({ kind }) => kind === 'refused') ? notTheWriter : { kind: 'settled' };
    },

    async shownBy(replica, ends, deadline) {
      const shown = await Promise.all(
        byCluster(boundRows(ends)).map(async (group) => {
          const database = replicaOf(clusters, head(group).databaseCluster, replica);
          const results = await database.run(
            group.map(({ schema, item }) => readIdentifierAtReplica(schema, item.key)),
            deadline,
          );
          return group
            .map(({ item }) => item)
            .filter(
              ({ version }, index) => (identifierEntryOf(rowAt(results, index))?.version ?? 0) >= version,
            );
        }),
      );
      return shown.flat();
    },
  };
}

function head<T>(group: readonly T[]): T {
  const [first] = group;
  invariant(first !== undefined, 'an empty group');
  return first;
}

function directoryRowOf(row: Row | undefined): DirectoryRow {
  invariant(row, 'a directory row that was just claimed is not there');
  return {
    key: text(row, 'identifier_key'),
    state: oneOf(row, 'state', ['free', 'claimed', 'bound']),
    token: text(row, 'token'),
    memberId: text(row, 'member_id'),
    version: integer(row, 'version'),
    claimExpired: integer(row, 'claim_expired') === 1,
  };
}
