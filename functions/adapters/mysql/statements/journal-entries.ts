/** The oldest journal entries of a database cluster. A plain read, in the order of the primary key. */
import type { Statement } from '../database.ts';
import { journalSchema } from '../schema/names.ts';

export const entriesOfJournal = (databaseCluster: string, minAgeMs: number, limit: number): Statement => ({
  sql: `SELECT event FROM ${journalSchema}.entry
    WHERE database_cluster = ? AND appended_at <= UTC_TIMESTAMP(6) - INTERVAL ? MICROSECOND
    ORDER BY id LIMIT ?`,
  values: [databaseCluster, Math.floor(minAgeMs * 1000), limit],
});
