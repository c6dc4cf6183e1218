/**
 * Appends events to the journal, in one transaction: it locks the epoch register in share mode before it inserts and
 * until it has committed, as the statement for one event does (`journal-append.ts`), so that whoever raises the
 * register waits for appends under way. The guard refuses all of it when the register has another epoch or centre.
 */
import type { RegisteredEpoch } from '../../../core/failover/ports.ts';
import type { MemberEvent } from '../../../core/propagation/event.ts';
import type { Statement } from '../database.ts';
import { failUnless } from '../guard.ts';
import { journalSchema } from '../schema/names.ts';

export function guardRegister({ epoch, centre }: RegisteredEpoch): readonly Statement[] {
  return [
    { sql: `SELECT id FROM ${journalSchema}.register WHERE id = 1 LOCK IN SHARE MODE` },
    failUnless(
      `EXISTS (SELECT 1 FROM ${journalSchema}.register AS r WHERE r.id = 1 AND r.epoch = ? AND r.centre = ?)`,
      [epoch, centre],
    ),
  ];
}

export const appendAllToJournal = (databaseCluster: string, events: readonly MemberEvent[]): Statement => ({
  sql: `INSERT INTO ${journalSchema}.entry (database_cluster, member_id, version, event, appended_at)
    VALUES ${events.map(() => '(?, ?, ?, ?, UTC_TIMESTAMP(6))').join(', ')}
    ON DUPLICATE KEY UPDATE entry.version = entry.version`,
  values: events.flatMap((event) => [databaseCluster, event.memberId, event.version, JSON.stringify(event)]),
});
