/**
 * A page of a slot's members, in the order of their ids, at a writer that must still be the writer. A single statement,
 * and so one consistent view; no row at all when it is not, and a row of NULLs when there are no members.
 */
import type { Statement } from '../database.ts';
import { type AtWriter, atWriter } from './read-at-writer.ts';

export function readMemberPage(at: AtWriter, afterMemberId: string, limit: number): Statement {
  const page = {
    sql: `LEFT JOIN (
        SELECT member_id, version, status, sealed FROM ${at.schema}.member
        WHERE member_id > ? ORDER BY member_id LIMIT ?
      ) AS m ON TRUE`,
    values: [afterMemberId, limit],
  };
  return atWriter(at, 'm.member_id, m.version, m.status, m.sealed', page, { sql: 'ORDER BY m.member_id' });
}
