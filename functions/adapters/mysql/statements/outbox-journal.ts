/** Whether the journal may lack a change of a member. A plain read, by the unique key (member, version). */
import type { Statement } from '../database.ts';
import { controlSchema } from '../schema/names.ts';

export const awaitsJournalInOutbox = (databaseCluster: string, memberId: string): Statement => ({
  sql: `SELECT version FROM ${controlSchema(databaseCluster)}.outbox
    WHERE member_id = ? AND pending LIKE '%,journal,%' LIMIT 1`,
  values: [memberId],
});
