import type { Ledger } from '../../core/failover/ports.ts';
import type { MemberEvent } from '../../core/propagation/event.ts';
import type { Database } from './database.ts';
import { affect, boundRows, readRows, rowsMax } from './plain-run.ts';
import { integer, oneOf, text } from './rows.ts';
import { forgetInLedger, pageOfLedger, recordInLedger } from './statements/ledger.ts';

/** The loss ledger, in a centre's journal database. */
export function makeLedger({ database }: { readonly database: Database }): Ledger {
  return {
    async record(entries, deadline) {
      if (entries.length > 0) await affect(database, recordInLedger(boundRows(entries)), deadline);
    },

    async page(after, limit, deadline) {
      const rows = await readRows(database, pageOfLedger(after, Math.min(limit, rowsMax)), deadline);
      return rows.map((row) => ({
        number: integer(row, 'id'),
        epoch: integer(row, 'epoch'),
        databaseCluster: text(row, 'database_cluster'),
        kind: oneOf(row, 'kind', ['from-journal', 'one-centre']),
        event: JSON.parse(text(row, 'event')) as MemberEvent,
        recordedAt: `${text(row, 'recorded_at').replace(' ', 'T')}Z`,
      }));
    },

    forget: (epoch, deadline) => affect(database, forgetInLedger(epoch), deadline),
  };
}
