/** The outbox row of one change. A plain read. */
import type { Statement } from '../database.ts';
import { controlSchema } from '../schema/names.ts';
import { outboxRowColumns } from './outbox-row.ts';

export const findInOutbox = (databaseCluster: string, memberId: string, version: number): Statement => ({
  sql: `SELECT ${outboxRowColumns(databaseCluster)} FROM ${controlSchema(databaseCluster)}.outbox AS outbox
    WHERE member_id = ? AND version = ?`,
  values: [memberId, version],
});
