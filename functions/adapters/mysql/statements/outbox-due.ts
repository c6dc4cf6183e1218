/** The oldest outbox rows that the relay has something to do for. A plain read, in the order of the primary key. */
import type { Statement } from '../database.ts';
import { controlSchema } from '../schema/names.ts';
import { outboxRowColumns } from './outbox-row.ts';

export const dueInOutbox = (
  databaseCluster: string,
  minAgeMs: number,
  afterSequence: number,
  limit: number,
): Statement => ({
  sql: `SELECT ${outboxRowColumns(databaseCluster)} FROM ${controlSchema(databaseCluster)}.outbox AS outbox
    WHERE sequence > ? AND (pending = ',' OR committed_at <= UTC_TIMESTAMP(6) - INTERVAL ? MICROSECOND)
    ORDER BY sequence LIMIT ?`,
  values: [afterSequence, Math.floor(minAgeMs * 1000), limit],
});
