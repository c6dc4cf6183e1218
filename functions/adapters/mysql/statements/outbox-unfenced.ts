/** Older changes of a member that a Redis lacks the fence of. Plain reads, by the unique key (member, version). */
import type { Statement } from '../database.ts';
import { controlSchema } from '../schema/names.ts';
import { outboxRowColumns } from './outbox-row.ts';

const isUnfenced = "member_id = ? AND version < ? AND pending LIKE '%,redis:%'";

export const countUnfencedBefore = (
  databaseCluster: string,
  memberId: string,
  version: number,
): Statement => ({
  sql: `SELECT COUNT(*) AS unfenced FROM ${controlSchema(databaseCluster)}.outbox WHERE ${isUnfenced}`,
  values: [memberId, version],
});

export const unfencedBeforeInOutbox = (
  databaseCluster: string,
  memberId: string,
  version: number,
): Statement => ({
  sql: `SELECT ${outboxRowColumns(databaseCluster)} FROM ${controlSchema(databaseCluster)}.outbox AS outbox
    WHERE ${isUnfenced} ORDER BY version`,
  values: [memberId, version],
});
