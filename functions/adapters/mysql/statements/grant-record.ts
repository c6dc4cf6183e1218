/**
 * Records until when a Redis cluster may have a grant. One transaction that takes the Redis cluster's row for itself
 * before anything else, so that it is over before a suspension begins, or sees it: whoever suspends reads an end that
 * covers every grant ever recorded. The lease is looked at, the outbox searched and the end taken with the row in hand.
 */
import type { Statement } from '../database.ts';
import { controlSchema } from '../schema/names.ts';

/** Makes the row if it is not there, and locks it. */
export const lockGrant = (databaseCluster: string, redis: string): Statement => ({
  sql: `INSERT INTO ${controlSchema(databaseCluster)}.redis_grant (redis, grant_ends, suspended, relied_count)
    VALUES (?, UTC_TIMESTAMP(6), 0, 0)
    ON DUPLICATE KEY UPDATE relied_count = relied_count`,
  values: [redis],
});

/** Affects one row when the grant was recorded; otherwise the Redis cluster is suspended, or lacks a fence. */
export function recordGrant(
  databaseCluster: string,
  redis: string,
  lengthMs: number,
  unfencedAgeMs: number,
): Statement {
  const schema = controlSchema(databaseCluster);
  return {
    sql: `UPDATE ${schema}.redis_grant
      SET grant_ends = GREATEST(grant_ends, LEAST(
        UTC_TIMESTAMP(6) + INTERVAL ? MICROSECOND,
        (SELECT l.valid_until FROM ${schema}.write_lease AS l WHERE l.id = 1)
      ))
      WHERE redis = ? AND suspended = 0 AND NOT EXISTS (
        SELECT 1 FROM ${schema}.outbox AS o
        WHERE o.committed_at <= UTC_TIMESTAMP(6) - INTERVAL ? MICROSECOND AND LOCATE(?, o.pending) > 0
      )`,
    values: [Math.floor(lengthMs * 1000), redis, Math.floor(unfencedAgeMs * 1000), `,redis:${redis},`],
  };
}

/** The row, and what is left of its end now: a grant of that length ends no later, whatever passed in between. */
export function readGrant(databaseCluster: string, redis: string): Statement {
  const schema = controlSchema(databaseCluster);
  return {
    sql: `SELECT suspended, relied_count, GREATEST(0, TIMESTAMPDIFF(
          MICROSECOND, UTC_TIMESTAMP(6), LEAST(grant_ends, l.valid_until)
        ) DIV 1000) AS length_ms
      FROM ${schema}.redis_grant JOIN ${schema}.write_lease AS l ON l.id = 1
      WHERE redis = ?`,
    values: [redis],
  };
}
