/** A database cluster's epoch, its lease, and the clock they were read at, in one view. A plain read. */
import type { Statement } from '../database.ts';
import { controlSchema } from '../schema/names.ts';

export function readClusterEpoch(databaseCluster: string): Statement {
  const schema = controlSchema(databaseCluster);
  return {
    sql: `SELECT e.epoch, e.centre, CAST(UTC_TIMESTAMP(6) AS CHAR) AS read_at,
        GREATEST(0, TIMESTAMPDIFF(MICROSECOND, UTC_TIMESTAMP(6), l.valid_until) DIV 1000) AS lease_remaining_ms
      FROM ${schema}.epoch AS e JOIN ${schema}.write_lease AS l ON l.id = e.id
      WHERE e.id = 1`,
  };
}
