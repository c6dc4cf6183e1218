/** How many rows the outbox has. A plain read. */
import type { Statement } from '../database.ts';
import { controlSchema } from '../schema/names.ts';

export const lengthOfOutbox = (databaseCluster: string): Statement => ({
  sql: `SELECT COUNT(*) AS length FROM ${controlSchema(databaseCluster)}.outbox`,
});
