import { DependencyUnavailable } from '../../core/kernel/invariant.ts';
import type { MemberEvent } from '../../core/propagation/event.ts';
import type { Journal } from '../../core/propagation/ports.ts';
import { type Database, StatementRefused } from './database.ts';
import { affect, boundRows, onlyRow, readRows, rowsMax } from './plain-run.ts';
import { backlogIn, integer, text } from './rows.ts';
import { backlogOfJournal } from './statements/backlog.ts';
import { appendToJournal } from './statements/journal-append.ts';
import { appendAllToJournal, guardRegister } from './statements/journal-append-many.ts';
import { entriesOfJournal } from './statements/journal-entries.ts';
import { pageOfJournal } from './statements/journal-page.ts';
import { trimJournal } from './statements/journal-trim.ts';
import { transact } from './transaction.ts';

/**
 * A centre's journal, in that centre's journal database. `entries` answers with at most {@link rowsMax}; `trim` takes
 * as many.
 */
export function makeJournal({ database }: { readonly database: Database }): Journal {
  return {
    async append(databaseCluster, event, writer, deadline) {
      const affected = await affect(database, appendToJournal(databaseCluster, event, writer), deadline);
      return affected > 0 ? 'appended' : 'refused';
    },

    async appendMany(databaseCluster, events, writer, deadline) {
      if (events.length === 0) return 'appended';
      const appended = await transact(
        database,
        { guard: guardRegister(writer), body: [appendAllToJournal(databaseCluster, boundRows(events))] },
        deadline,
      );
      if (appended.kind === 'committed') return 'appended';
      if (appended.refusal === 'guard') return 'refused';
      throw new DependencyUnavailable(
        database.name,
        new StatementRefused(database.name, appended.refusal, undefined),
      );
    },

    async trim(databaseCluster, events, deadline) {
      if (events.length === 0) return;
      await affect(database, trimJournal(databaseCluster, boundRows(events)), deadline);
    },

    async entries(databaseCluster, minAgeMs, limit, deadline) {
      const statement = entriesOfJournal(databaseCluster, minAgeMs, Math.min(limit, rowsMax));
      const rows = await readRows(database, statement, deadline);
      return rows.map((row) => JSON.parse(text(row, 'event')) as MemberEvent);
    },

    async page(databaseCluster, after, limit, deadline) {
      const statement = pageOfJournal(databaseCluster, after, Math.min(limit, rowsMax));
      const rows = await readRows(database, statement, deadline);
      return rows.map((row) => ({
        number: integer(row, 'id'),
        event: JSON.parse(text(row, 'event')) as MemberEvent,
      }));
    },

    async backlog(databaseCluster, deadline) {
      const rows = await readRows(database, backlogOfJournal(databaseCluster), deadline);
      return backlogIn(onlyRow(rows, database, 'entry'));
    },
  };
}
