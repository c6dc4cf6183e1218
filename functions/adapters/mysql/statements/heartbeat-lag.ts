/**
 * How long ago the newest heartbeat was written that the asked server shows: its lag, and the time since that beat on
 * top. A plain read. It compares two servers' clocks, and so counts their difference too.
 */
import type { Statement } from '../database.ts';
import { controlSchema } from '../schema/names.ts';

export const readLag = (databaseCluster: string): Statement => ({
  sql: `SELECT GREATEST(0, (TIMESTAMPDIFF(MICROSECOND, beat_at, UTC_TIMESTAMP(6)) + 999) DIV 1000) AS lag_ms
    FROM ${controlSchema(databaseCluster)}.heartbeat WHERE id = 1`,
});
