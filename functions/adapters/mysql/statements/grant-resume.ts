/**
 * Ends a suspension. One statement that compares the count and sets: a write that counted itself after the count was
 * read keeps the suspension. Affects one row when the count was the one; the row is found again when repeated.
 */
import type { Statement } from '../database.ts';
import { controlSchema } from '../schema/names.ts';

export const resumeGrant = (databaseCluster: string, redis: string, count: number): Statement => ({
  sql: `UPDATE ${controlSchema(databaseCluster)}.redis_grant SET suspended = 0 WHERE redis = ? AND relied_count = ?`,
  values: [redis, count],
});
