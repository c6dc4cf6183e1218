import type { PlacedRow, RecoveryStore, RegisteredEpoch } from '../../core/failover/ports.ts';
import type { RegistrationRecord } from '../../core/member/ports.ts';
import type { MemberEvent, SinkName } from '../../core/propagation/event.ts';
import type { Sharding } from '../../core/sharding/sharding.ts';
import { type MemoryClusters, memoryClusterOf } from './cluster-lookup.ts';
import { recordKey } from './member-store.ts';
import { commitTo, type MemoryTables, type MemoryTransaction } from './memory-cluster.ts';
import { isSameEpoch } from './memory-journal.ts';
import { noTurn, type Turn, taking } from './turn.ts';
import { memoryPlaceOf } from './writer-check.ts';

/** Recovery in memory: same outcomes as in MySQL, one step a database cluster. */
export function makeMemoryRecoveryStore(options: {
  readonly clusters: MemoryClusters;
  readonly sharding: Sharding;
  readonly turn?: Turn;
}): RecoveryStore {
  const { clusters, sharding, turn = noTurn } = options;

  const underEpoch = (
    databaseCluster: string,
    epoch: RegisteredEpoch,
    work: MemoryTransaction<void>,
  ): Promise<'done' | 'older-epoch'> =>
    taking(turn, databaseCluster, () =>
      commitTo(memoryClusterOf(clusters, databaseCluster), (tables, nowMs) => {
        if (!isSameEpoch(tables.control.epoch, epoch)) return 'older-epoch';
        work(tables, nowMs);
        return 'done';
      }),
    );

  const inSlots = async <Item>(
    epoch: RegisteredEpoch,
    items: readonly Item[],
    textOf: (item: Item) => string,
    write: (tables: MemoryTables, item: Item, nowMs: number) => void,
  ): Promise<'done' | 'older-epoch'> => {
    const outcomes = await Promise.all(
      sharding.clusters.flatMap((cluster) => {
        const mine = items.filter((item) => sharding.clusterOf(textOf(item)) === cluster);
        if (mine.length === 0) return [];
        return [
          underEpoch(cluster, epoch, (tables, nowMs) => {
            for (const item of mine) write(tables, item, nowMs);
          }),
        ];
      }),
    );
    return outcomes.includes('older-epoch') ? 'older-epoch' : 'done';
  };

  return {
    member(memberId) {
      const { cluster } = memoryPlaceOf(clusters, sharding, memberId);
      return taking(turn, cluster.name, () => cluster.writer.member.get(memberId) ?? null);
    },

    missing: (databaseCluster, events) =>
      taking(turn, databaseCluster, () => {
        const { history } = memoryClusterOf(clusters, databaseCluster).writer;
        return events.filter(
          ({ memberId, version }) => !history.get(memberId)?.some((row) => row.version === version),
        );
      }),

    carryOut(databaseCluster, epoch, event, sinks) {
      const { slot } = memoryPlaceOf(clusters, sharding, event.memberId);
      return underEpoch(databaseCluster, epoch, (tables, nowMs) =>
        carryOut(tables, nowMs, slot, event, sinks),
      );
    },

    place: (epoch, rows) => inSlots(epoch, rows, ({ key }) => key, place),

    register: (epoch, records) =>
      inSlots(epoch, records, nameOf, ({ registration }, record, nowMs) => {
        const { memberId, requestHash } = record;
        const name = nameOf(record);
        if (!registration.has(name)) registration.set(name, { memberId, requestHash, begunAtMs: nowMs });
      }),
  };
}

const nameOf = ({ caller, key }: RegistrationRecord): string => `${caller}\u0000${key}`;

function carryOut(
  tables: MemoryTables,
  nowMs: number,
  slot: number,
  event: MemberEvent,
  sinks: readonly SinkName[],
): void {
  const { memberId, version, directory, idempotency, history } = event;
  if ((tables.member.get(memberId)?.version ?? 0) < version) tables.member.set(memberId, event.member);
  for (const { token, to } of directory) {
    if (to === 'bound' && !tables.token.has(token)) tables.token.set(token, { outcome: 'used', slot });
  }
  const record = recordKey(idempotency.caller, idempotency.key, memberId);
  if (!tables.idempotency.has(record))
    tables.idempotency.set(record, { ...idempotency, committedAtMs: nowMs });
  const entries = tables.history.get(memberId) ?? [];
  if (entries.some((row) => row.version === version)) return;
  const all = [...entries, { version, entry: JSON.stringify(history) }];
  tables.history.set(
    memberId,
    all.sort((one, other) => one.version - other.version),
  );
  tables.control.lastSequence += 1;
  const sequence = tables.control.lastSequence;
  tables.outbox.set(sequence, { sequence, event, pending: sinks, committedAtMs: nowMs });
}

function place({ directory }: MemoryTables, row: PlacedRow, nowMs: number): void {
  const standing = directory.get(row.key);
  if (standing && standing.version >= row.version) return;
  if (standing?.state === row.state && standing.token === row.token) return;
  directory.set(row.key, { ...row, claimEndsMs: nowMs });
}
