/**
 * How many rows wait in an outbox, or of one database cluster in a journal, and how old the oldest is. A plain read,
 * by the primary key and up to a bound: after a long outage there may be many.
 */
import type { Statement } from '../database.ts';
import { controlSchema, journalSchema } from '../schema/names.ts';

/** As many are counted at most. */
const countedMax = 100_000;

export const backlogOfOutbox = (databaseCluster: string): Statement => {
  const table = `${controlSchema(databaseCluster)}.outbox`;
  return {
    sql: `SELECT (SELECT COUNT(*) FROM (SELECT 1 FROM ${table} LIMIT ?) AS counted) AS waiting,
      COALESCE((SELECT ${ageOf('committed_at')} FROM ${table} ORDER BY sequence LIMIT 1), 0) AS oldest_ms`,
    values: [countedMax],
  };
};

export const backlogOfJournal = (databaseCluster: string): Statement => {
  const mine = `${journalSchema}.entry WHERE database_cluster = ?`;
  return {
    sql: `SELECT (SELECT COUNT(*) FROM (SELECT 1 FROM ${mine} LIMIT ?) AS counted) AS waiting,
      COALESCE((SELECT ${ageOf('appended_at')} FROM ${mine} ORDER BY id LIMIT 1), 0) AS oldest_ms`,
    values: [databaseCluster, countedMax, databaseCluster],
  };
};

const ageOf = (column: string): string =>
  `GREATEST(0, TIMESTAMPDIFF(MICROSECOND, ${column}, UTC_TIMESTAMP(6)) DIV 1000)`;
