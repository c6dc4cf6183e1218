import type { MemberEvent, OutboxRow, SinkName } from '../../core/propagation/event.ts';
import type { Outbox } from '../../core/propagation/ports.ts';
import { clusterOf } from './clusters.ts';
import type { DatabaseClusters, Row } from './database.ts';
import { affect, boundRows, onlyRow, readRows, replicaOf, rowsMax } from './plain-run.ts';
import { backlogIn, integer, text } from './rows.ts';
import { backlogOfOutbox } from './statements/backlog.ts';
import { deliverInOutbox } from './statements/outbox-deliver.ts';
import { dueInOutbox } from './statements/outbox-due.ts';
import { existingInOutbox } from './statements/outbox-existing.ts';
import { findInOutbox } from './statements/outbox-find.ts';
import { awaitsJournalInOutbox } from './statements/outbox-journal.ts';
import { lengthOfOutbox } from './statements/outbox-length.ts';
import { removeFromOutbox } from './statements/outbox-remove.ts';
import { shownInOutbox } from './statements/outbox-shown.ts';
import { unfencedBeforeInOutbox } from './statements/outbox-unfenced.ts';

/**
 * The outbox in MySQL. `delivered` and `remove` do nothing, silently, once the lease to write has ended: the row stays
 * for the writer that comes after, and delivering again changes nothing. `remove` leaves rows that a sink still lacks.
 * Lists are of at most {@link rowsMax}; `due` answers with no more than that.
 */
export function makeOutbox({ clusters }: { readonly clusters: DatabaseClusters }): Outbox {
  const writerOf = (databaseCluster: string) => clusterOf(clusters, databaseCluster).writer;

  return {
    async delivered(databaseCluster, sequence, sinks, deadline) {
      if (sinks.length === 0) return;
      await affect(writerOf(databaseCluster), deliverInOutbox(databaseCluster, [sequence], sinks), deadline);
    },

    async deliveredMany(databaseCluster, sequences, sinks, deadline) {
      if (sinks.length === 0 || sequences.length === 0) return;
      const statement = deliverInOutbox(databaseCluster, boundRows(sequences), sinks);
      await affect(writerOf(databaseCluster), statement, deadline);
    },

    async length(databaseCluster, deadline) {
      const writer = writerOf(databaseCluster);
      const rows = await readRows(writer, lengthOfOutbox(databaseCluster), deadline);
      return integer(onlyRow(rows, writer, 'outbox'), 'length');
    },

    async find(databaseCluster, memberId, version, deadline) {
      const writer = writerOf(databaseCluster);
      const [row] = await readRows(writer, findInOutbox(databaseCluster, memberId, version), deadline);
      return row ? toOutboxRow(databaseCluster, row) : null;
    },

    async unfencedBefore(databaseCluster, memberId, version, deadline) {
      const statement = unfencedBeforeInOutbox(databaseCluster, memberId, version);
      const rows = await readRows(writerOf(databaseCluster), statement, deadline);
      return rows.map((row) => toOutboxRow(databaseCluster, row));
    },

    async awaitsJournal(databaseCluster, memberId, deadline) {
      const statement = awaitsJournalInOutbox(databaseCluster, memberId);
      const rows = await readRows(writerOf(databaseCluster), statement, deadline);
      return rows.length > 0;
    },

    async due(databaseCluster, minAgeMs, afterSequence, limit, deadline) {
      const writer = writerOf(databaseCluster);
      const statement = dueInOutbox(databaseCluster, minAgeMs, afterSequence, Math.min(limit, rowsMax));
      const rows = await readRows(writer, statement, deadline);
      return rows.map((row) => toOutboxRow(databaseCluster, row));
    },

    async shownBy(databaseCluster, replica, sequences, deadline) {
      if (sequences.length === 0) return [];
      const database = replicaOf(clusters, databaseCluster, replica);
      const rows = await readRows(database, shownInOutbox(databaseCluster, boundRows(sequences)), deadline);
      return rows.map((row) => integer(row, 'sequence'));
    },

    async remove(databaseCluster, sequences, deadline) {
      if (sequences.length === 0) return;
      const statement = removeFromOutbox(databaseCluster, boundRows(sequences));
      await affect(writerOf(databaseCluster), statement, deadline);
    },

    async backlog(databaseCluster, deadline) {
      const writer = writerOf(databaseCluster);
      const rows = await readRows(writer, backlogOfOutbox(databaseCluster), deadline);
      return backlogIn(onlyRow(rows, writer, 'outbox'));
    },

    async existing(databaseCluster, events, deadline) {
      if (events.length === 0) return [];
      const writer = writerOf(databaseCluster);
      const rows = await readRows(writer, existingInOutbox(databaseCluster, boundRows(events)), deadline);
      return rows.map((row) => ({ memberId: text(row, 'member_id'), version: integer(row, 'version') }));
    },
  };
}

function toOutboxRow(databaseCluster: string, row: Row): OutboxRow {
  return {
    databaseCluster,
    sequence: integer(row, 'sequence'),
    event: JSON.parse(text(row, 'event')) as MemberEvent,
    pending: text(row, 'pending').split(',').filter(Boolean) as SinkName[],
    olderRows: integer(row, 'older_rows'),
  };
}
