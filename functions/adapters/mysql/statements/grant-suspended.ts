/** The Redis clusters that are suspended. A plain read. */
import type { Statement } from '../database.ts';
import { controlSchema } from '../schema/names.ts';

export const suspendedGrants = (databaseCluster: string): Statement => ({
  sql: `SELECT redis FROM ${controlSchema(databaseCluster)}.redis_grant WHERE suspended = 1 ORDER BY redis LIMIT 1000`,
});
