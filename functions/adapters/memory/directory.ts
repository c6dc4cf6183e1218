import type { DirectoryRow } from '../../core/directory/directory.ts';
import type { Directory, WriterRefused } from '../../core/directory/ports.ts';
import type { Sharding } from '../../core/sharding/sharding.ts';
import { type MemoryClusters, memoryReplicaOf } from './cluster-lookup.ts';
import { commitTo, type MemoryDirectoryRow } from './memory-cluster.ts';
import { noTurn, type Turn, taking } from './turn.ts';
import { isWriter, memoryPlaceOf } from './writer-check.ts';

const notTheWriter: WriterRefused = { kind: 'not-the-writer' };

/** The directory in memory: same outcomes as in MySQL, one step a database cluster. */
export function makeMemoryDirectory(options: {
  readonly clusters: MemoryClusters;
  readonly sharding: Sharding;
  readonly turn?: Turn;
}): Directory {
  const { clusters, sharding, turn = noTurn } = options;

  function byCluster<T extends { readonly key: string }>(items: readonly T[]) {
    const placed = items.map((item) => ({ item, ...memoryPlaceOf(clusters, sharding, item.key) }));
    return sharding.clusters
      .map((name) => placed.filter(({ cluster }) => cluster.name === name))
      .flatMap((group) => {
        const [first] = group;
        if (!first) return [];
        return [
          {
            cluster: first.cluster,
            slots: group.map(({ slot }) => slot),
            items: group.map(({ item }) => item),
          },
        ];
      });
  }

  const claimMany: Directory['claimMany'] = async (claims, claimMs) => {
    const rows = new Map<string, DirectoryRow>();
    const refused = new Set<string>();
    for (const { cluster, slots, items } of byCluster(claims)) {
      const asked = items.filter(({ memberId }) => !refused.has(memberId));
      if (asked.length === 0) continue;
      const answer = await taking(turn, cluster.name, () =>
        commitTo(cluster, (tables, nowMs) => {
          if (!isWriter(tables, nowMs, slots)) return null;
          return asked.map(({ key, token, memberId }) => {
            const row = tables.directory.get(key);
            if (row && row.state !== 'free') return directoryRowOf(row, nowMs);
            const version = (row?.version ?? 0) + 1;
            const claimEndsMs = nowMs + claimMs;
            const claimed = { key, state: 'claimed', token, memberId, version, claimEndsMs } as const;
            tables.directory.set(key, claimed);
            return directoryRowOf(claimed, nowMs);
          });
        }),
      );
      if (answer === null) return notTheWriter;
      for (const row of answer) rows.set(row.key, row);
      for (const { key, token, memberId } of asked) if (rows.get(key)?.token !== token) refused.add(memberId);
    }
    return { kind: 'rows', rows: claims.map(({ key }) => rows.get(key) ?? null) };
  };

  return {
    claim: (memberId, claims, claimMs, deadline) =>
      claimMany(
        claims.map((claim) => ({ ...claim, memberId })),
        claimMs,
        deadline,
      ),
    claimMany,

    takeOver(seen, memberId, claim, version, claimMs) {
      const { slot, cluster } = memoryPlaceOf(clusters, sharding, seen.key);
      return taking(turn, cluster.name, () =>
        commitTo(cluster, (tables, nowMs) => {
          if (!isWriter(tables, nowMs, [slot])) return notTheWriter;
          const row = tables.directory.get(seen.key);
          if (row?.token !== seen.token || row.state !== seen.state || row.version !== seen.version) {
            return { kind: 'changed' };
          }
          const claimEndsMs = nowMs + claimMs;
          const { key, token } = claim;
          tables.directory.set(seen.key, { key, token, state: 'claimed', memberId, version, claimEndsMs });
          return { kind: 'taken' };
        }),
      );
    },

    async settle(changes, version) {
      const outcomes = await Promise.all(
        byCluster(changes).map(({ cluster, slots, items }) =>
          taking(turn, cluster.name, () =>
            commitTo(cluster, (tables, nowMs) => {
              if (!isWriter(tables, nowMs, slots)) return false;
              for (const { key, token, to } of items) {
                const row = tables.directory.get(key);
                if (row?.token !== token) continue;
                if (row.state !== 'claimed' && (to === 'bound' || row.state !== 'bound')) continue;
                tables.directory.set(key, {
                  ...row,
                  state: to,
                  version: Math.max(row.version, version ?? 0),
                });
              }
              return true;
            }),
          ),
        ),
      );
      return outcomes.every(Boolean) ? { kind: 'settled' } : notTheWriter;
    },

    async shownBy(replica, ends) {
      const shown = await Promise.all(
        byCluster(ends).map(({ cluster, items }) =>
          taking(turn, `${cluster.name} ${replica}`, () => {
            const { directory } = memoryReplicaOf(cluster, replica);
            return items.filter(({ key, version }) => (directory.get(key)?.version ?? 0) >= version);
          }),
        ),
      );
      return shown.flat();
    },
  };
}

function directoryRowOf({ claimEndsMs, ...row }: MemoryDirectoryRow, nowMs: number): DirectoryRow {
  return { ...row, claimExpired: claimEndsMs < nowMs };
}
