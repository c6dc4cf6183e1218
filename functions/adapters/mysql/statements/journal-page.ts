/** A page of a database cluster's journal entries, in the order they were appended. A plain read, by the primary key. */
import type { Statement } from '../database.ts';
import { journalSchema } from '../schema/names.ts';

export const pageOfJournal = (databaseCluster: string, after: number, limit: number): Statement => ({
  sql: `SELECT id, event FROM ${journalSchema}.entry WHERE database_cluster = ? AND id > ? ORDER BY id LIMIT ?`,
  values: [databaseCluster, after, limit],
});
