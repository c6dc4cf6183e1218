import type { OutboxRow, SinkName } from '../../core/propagation/event.ts';
import type { Outbox } from '../../core/propagation/ports.ts';
import { leaseStands, type MemoryClusters, memoryClusterOf, memoryReplicaOf } from './cluster-lookup.ts';
import { commitTo, type MemoryOutboxRow, type MemoryTables, unfencedBefore } from './memory-cluster.ts';
import { noTurn, type Turn, taking } from './turn.ts';

/** The outbox in memory: same outcomes as in MySQL, a method one step on the clusters' state. */
export function makeMemoryOutbox(options: {
  readonly clusters: MemoryClusters;
  readonly turn?: Turn;
}): Outbox {
  const { clusters, turn = noTurn } = options;
  const atWriter = (databaseCluster: string) => memoryClusterOf(clusters, databaseCluster);

  const delivered = (
    databaseCluster: string,
    sequences: readonly number[],
    sinks: readonly SinkName[],
  ): Promise<void> =>
    taking(turn, databaseCluster, () =>
      commitTo(atWriter(databaseCluster), (tables, nowMs) => {
        if (!leaseStands(tables, nowMs)) return;
        for (const sequence of sequences) {
          const row = tables.outbox.get(sequence);
          if (!row) continue;
          const pending = row.pending.filter((sink) => !sinks.includes(sink));
          tables.outbox.set(sequence, { ...row, pending });
        }
      }),
    );

  return {
    delivered: (databaseCluster, sequence, sinks) => delivered(databaseCluster, [sequence], sinks),
    deliveredMany: (databaseCluster, sequences, sinks) => delivered(databaseCluster, sequences, sinks),

    length: (databaseCluster) =>
      taking(turn, databaseCluster, () => atWriter(databaseCluster).writer.outbox.size),

    find: (databaseCluster, memberId, version) =>
      taking(turn, databaseCluster, () => {
        const { writer } = atWriter(databaseCluster);
        for (const row of writer.outbox.values()) {
          if (row.event.memberId === memberId && row.event.version === version) {
            return toOutboxRow(databaseCluster, row, writer);
          }
        }
        return null;
      }),

    unfencedBefore: (databaseCluster, memberId, version) =>
      taking(turn, databaseCluster, () => {
        const { writer } = atWriter(databaseCluster);
        return unfencedBefore(writer, { memberId, version }).map((row) =>
          toOutboxRow(databaseCluster, row, writer),
        );
      }),

    awaitsJournal: (databaseCluster, memberId) =>
      taking(turn, databaseCluster, () =>
        [...atWriter(databaseCluster).writer.outbox.values()].some(
          ({ event, pending }) => event.memberId === memberId && pending.includes('journal'),
        ),
      ),

    due: (databaseCluster, minAgeMs, afterSequence, limit) =>
      taking(turn, databaseCluster, () => {
        const { writer, clock } = atWriter(databaseCluster);
        const nowMs = clock.nowMs();
        return [...writer.outbox.values()]
          .filter((row) => row.sequence > afterSequence)
          .filter((row) => row.pending.length === 0 || row.committedAtMs <= nowMs - minAgeMs)
          .sort((one, other) => one.sequence - other.sequence)
          .slice(0, limit)
          .map((row) => toOutboxRow(databaseCluster, row, writer));
      }),

    shownBy: (databaseCluster, replica, sequences) =>
      taking(turn, `${databaseCluster} ${replica}`, () => {
        const { outbox } = memoryReplicaOf(atWriter(databaseCluster), replica);
        return sequences.filter((sequence) => outbox.get(sequence)?.pending.includes('directory') === false);
      }),

    remove: (databaseCluster, sequences) =>
      taking(turn, databaseCluster, () =>
        commitTo(atWriter(databaseCluster), (tables, nowMs) => {
          if (!leaseStands(tables, nowMs)) return;
          for (const sequence of sequences) {
            if (tables.outbox.get(sequence)?.pending.length === 0) tables.outbox.delete(sequence);
          }
        }),
      ),

    backlog: (databaseCluster) =>
      taking(turn, databaseCluster, () => {
        const { writer, clock } = atWriter(databaseCluster);
        const committed = [...writer.outbox.values()].map((row) => row.committedAtMs);
        return { waiting: committed.length, oldestMs: Math.max(0, clock.nowMs() - Math.min(...committed)) };
      }),

    existing: (databaseCluster, events) =>
      taking(turn, databaseCluster, () => {
        const nameOf = (change: { readonly memberId: string; readonly version: number }) =>
          `${change.memberId} ${change.version}`;
        const rows = new Set(
          [...atWriter(databaseCluster).writer.outbox.values()].map((row) => nameOf(row.event)),
        );
        return events
          .filter((event) => rows.has(nameOf(event)))
          .map(({ memberId, version }) => ({ memberId, version }));
      }),
  };
}

function toOutboxRow(databaseCluster: string, row: MemoryOutboxRow, { outbox }: MemoryTables): OutboxRow {
  const { sequence, event, pending } = row;
  let olderRows = 0;
  for (const other of outbox.values()) {
    if (other.event.memberId === event.memberId && other.event.version < event.version) olderRows++;
  }
  return { databaseCluster, sequence, event, pending, olderRows };
}
