/** The highest sequence in the outbox. A plain read. */
import type { Statement } from '../database.ts';
import { controlSchema } from '../schema/names.ts';

export const lastSequenceInOutbox = (databaseCluster: string): Statement => ({
  sql: `SELECT COALESCE(MAX(sequence), 0) AS last FROM ${controlSchema(databaseCluster)}.outbox`,
});
