/**
 * The loss ledger. Entries are inserted once, whoever repeats it; they go by an operator's command. An event carries a
 * sealed member: `one-centre` entries keep it, since nothing else does.
 */
import type { LedgerEntry } from '../../../core/failover/ports.ts';
import type { Statement } from '../database.ts';
import { journalSchema } from '../schema/names.ts';

export const recordInLedger = (entries: readonly LedgerEntry[]): Statement => ({
  sql: `INSERT INTO ${journalSchema}.ledger
      (epoch, database_cluster, member_id, version, kind, event, recorded_at)
    VALUES ${entries.map(() => '(?, ?, ?, ?, ?, ?, UTC_TIMESTAMP(6))').join(', ')}
    ON DUPLICATE KEY UPDATE ledger.version = ledger.version`,
  values: entries.flatMap(({ epoch, databaseCluster, kind, event }) => [
    epoch,
    databaseCluster,
    event.memberId,
    event.version,
    kind,
    JSON.stringify(event),
  ]),
});

export const pageOfLedger = (after: number, limit: number): Statement => ({
  sql: `SELECT id, epoch, database_cluster, kind, event, recorded_at FROM ${journalSchema}.ledger
    WHERE id > ? ORDER BY id LIMIT ?`,
  values: [after, limit],
});

export const forgetInLedger = (epoch: number): Statement => ({
  sql: `DELETE FROM ${journalSchema}.ledger WHERE epoch <= ?`,
  values: [epoch],
});
