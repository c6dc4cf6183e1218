/** Reads at a replica: whatever it shows, which may be old. */
import type { Statement } from '../database.ts';

export function readMemberAtReplica(schema: string, memberId: string): Statement {
  return {
    sql: `SELECT member_id, version, status, sealed FROM ${schema}.member WHERE member_id = ?`,
    values: [memberId],
  };
}

export function readIdentifierAtReplica(schema: string, key: string): Statement {
  return {
    sql: `SELECT state, token, member_id, version FROM ${schema}.directory WHERE identifier_key = ?`,
    values: [key],
  };
}
