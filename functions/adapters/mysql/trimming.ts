import type { Trimming } from '../../core/failover/ports.ts';
import { schemaOfSlot } from '../../core/sharding/sharding.ts';
import { clusterOf } from './clusters.ts';
import type { DatabaseClusters } from './database.ts';
import { writerGuard } from './guard.ts';
import { boundRows, readRows } from './plain-run.ts';
import { integer } from './rows.ts';
import { raiseTokenMark, readTokenMark } from './statements/raise-token-mark.ts';
import { findTrimmable, trimSlot } from './statements/trim.ts';
import { transact } from './transaction.ts';

/**
 * Trimming in MySQL. What is left of a slot that has moved is trimmed where it was as well: the row of a slot is not
 * looked at.
 */
export function makeMysqlTrimming({ clusters }: { readonly clusters: DatabaseClusters }): Trimming {
  return {
    async raiseTokenMark(databaseCluster, oldestDay, deadline) {
      const { writer } = clusterOf(clusters, databaseCluster);
      const [mark] = await readRows(writer, readTokenMark(databaseCluster, oldestDay), deadline);
      if (mark && integer(mark, 'is_due') === 0) return { kind: 'raised' };
      const transaction = {
        guard: writerGuard(databaseCluster, { slots: [] }),
        body: [raiseTokenMark(databaseCluster, oldestDay)],
      };
      const { kind } = await transact(writer, transaction, deadline);
      return { kind: kind === 'refused' ? 'not-the-writer' : 'raised' };
    },

    async trim(databaseCluster, slots, ages, rowsMax, deadline) {
      const { writer } = clusterOf(clusters, databaseCluster);
      const named = boundRows(slots).map((slot) => ({ slot, schema: schemaOfSlot(slot) }));
      const due = (await readRows(writer, findTrimmable(databaseCluster, named, ages), deadline)).map((row) =>
        integer(row, 'slot'),
      );
      if (due.length === 0) return { kind: 'trimmed', unfinished: [] };
      const bySlot = due.map((slot) => trimSlot(databaseCluster, schemaOfSlot(slot), ages, rowsMax));
      const outcome = await transact(
        writer,
        { guard: writerGuard(databaseCluster, { slots: [] }), body: bySlot.flat() },
        deadline,
      );
      if (outcome.kind === 'refused') return { kind: 'not-the-writer' };
      const perSlot = bySlot[0]?.length ?? 1;
      const unfinished = due.filter((_, index) =>
        outcome.body
          .slice(index * perSlot, (index + 1) * perSlot)
          .some(({ affectedRows }) => affectedRows === rowsMax),
      );
      return { kind: 'trimmed', unfinished };
    },
  };
}
