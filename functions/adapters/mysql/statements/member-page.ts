/**
 * A page of a slot's members, in the order of their ids, at a writer that must still be the writer. A single statement,
 * and so one consistent view; no row at all when it is not, and a row of NULLs when there are no members.
 */
import type { Statement } from '../database.ts';
import { type AtWriter, atWriter } from './read-at-writer.ts';

export function readMemberPage(
  { databaseCluster, slot, schema }: AtWriter,
  afterMemberId: string,
  limit: number,
): Statement {
  const page = {
    sql: `LEFT JOIN (
        SELECT member_id, version, status, sealed FROM ${schema}.member
        WHERE member_id > ? ORDER BY member_id LIMIT ?
      ) AS m ON TRUE`,
    values: [afterMemberId, limit],
  };
  const { sql, ...rest } = atWriter(
    databaseCluster,
    slot,
    'm.member_id, m.version, m.status, m.sealed',
    page,
  );
  return { sql: `${sql} ORDER BY m.member_id`, ...rest };
}
