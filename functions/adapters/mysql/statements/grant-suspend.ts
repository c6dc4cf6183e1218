/**
 * Suspends a Redis cluster and counts the write that relies on it. One transaction that takes the Redis cluster's row
 * for itself before anything else: a grant is recorded before it, and then its end is read here, or after it, and then
 * it is refused.
 */
import type { Statement } from '../database.ts';
import { controlSchema } from '../schema/names.ts';

export const suspendGrant = (databaseCluster: string, redis: string): Statement => ({
  sql: `INSERT INTO ${controlSchema(databaseCluster)}.redis_grant (redis, grant_ends, suspended, relied_count)
    VALUES (?, UTC_TIMESTAMP(6), 1, 1)
    ON DUPLICATE KEY UPDATE suspended = 1, relied_count = relied_count + 1`,
  values: [redis],
});

/** How long the last recorded grant may still live, rounded up. */
export const readGrantEnd = (databaseCluster: string, redis: string): Statement => ({
  sql: `SELECT GREATEST(0, (TIMESTAMPDIFF(MICROSECOND, UTC_TIMESTAMP(6), grant_ends) + 999) DIV 1000)
      AS grant_ends_in_ms
    FROM ${controlSchema(databaseCluster)}.redis_grant WHERE redis = ?`,
  values: [redis],
});
