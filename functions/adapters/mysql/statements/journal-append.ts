/**
 * Appends an event to the journal. One statement: it locks the epoch register in share mode before it inserts and
 * until it has committed, so that whoever raises the register waits for appends under way, and no append of an older
 * epoch comes after that: what the journal holds once it was raised is all it will ever hold of that epoch.
 *
 * Affected rows: 1 when appended, now or before; 0 when the register has another epoch or centre. (For a row that was
 * there this is 1 because connections count rows found, not rows changed.)
 */
import type { RegisteredEpoch } from '../../../core/failover/ports.ts';
import type { MemberEvent } from '../../../core/propagation/event.ts';
import type { Statement } from '../database.ts';
import { journalSchema } from '../schema/names.ts';

export const appendToJournal = (
  databaseCluster: string,
  event: MemberEvent,
  writer: RegisteredEpoch,
): Statement => ({
  sql: `INSERT INTO ${journalSchema}.entry (database_cluster, member_id, version, event, appended_at)
    SELECT ?, ?, ?, ?, UTC_TIMESTAMP(6) FROM ${journalSchema}.register
    WHERE register.id = 1 AND register.epoch = ? AND register.centre = ?
    LOCK IN SHARE MODE
    ON DUPLICATE KEY UPDATE entry.version = entry.version`,
  values: [
    databaseCluster,
    event.memberId,
    event.version,
    JSON.stringify(event),
    writer.epoch,
    writer.centre,
  ],
});
