/**
 * Deletes outbox rows, in one statement: only those that no sink lacks any more, and only while the lease to write
 * stands.
 */
import type { Statement } from '../database.ts';
import { controlSchema } from '../schema/names.ts';
import { leaseStands } from './lease-stands.ts';

export const removeFromOutbox = (databaseCluster: string, sequences: readonly number[]): Statement => ({
  sql: `DELETE FROM ${controlSchema(databaseCluster)}.outbox
    WHERE sequence IN (?) AND pending = ',' AND ${leaseStands(databaseCluster)}`,
  values: [sequences],
});
