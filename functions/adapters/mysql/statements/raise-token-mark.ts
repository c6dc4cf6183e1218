/**
 * Raises the trimming mark. One transaction: its UPDATE waits for every commit under way, which holds the mark's row in
 * share mode, and every later one reads what it left. The mark never goes back.
 */
import type { Statement } from '../database.ts';
import { controlSchema } from '../schema/names.ts';

const target = "LEAST(?, CAST(DATE_FORMAT(UTC_TIMESTAMP(), '%Y%m%d') AS UNSIGNED))";

/** Whether there is anything to raise: a plain read, which no commit waits for. */
export const readTokenMark = (databaseCluster: string, oldestDay: number): Statement => ({
  sql: `SELECT oldest_day < ${target} AS is_due FROM ${controlSchema(databaseCluster)}.token_mark WHERE id = 1`,
  values: [oldestDay],
});

export const raiseTokenMark = (databaseCluster: string, oldestDay: number): Statement => ({
  sql: `UPDATE ${controlSchema(databaseCluster)}.token_mark SET oldest_day = GREATEST(oldest_day, ${target})
    WHERE id = 1`,
  values: [oldestDay],
});
