/**
 * Claims directory rows. Atomic: a row that is absent or free becomes claimed by exactly one of all who try, and what
 * is read back is what this transaction left there (the rows are still locked).
 *
 * Assignments are carried out from left to right, each seeing those before it: the state must come last.
 */
import type { Claim } from '../../../core/directory/ports.ts';
import type { Statement } from '../database.ts';

export function claimRow(schema: string, memberId: string, claim: Claim, claimMs: number): Statement {
  const ends = 'UTC_TIMESTAMP(6) + INTERVAL ? MICROSECOND';
  const claimMicroseconds = Math.round(claimMs * 1000);
  return {
    sql: `INSERT INTO ${schema}.directory (identifier_key, state, token, member_id, version, claim_ends)
      VALUES (?, 'claimed', ?, ?, 1, ${ends})
      ON DUPLICATE KEY UPDATE
        token = IF(state = 'free', ?, token),
        member_id = IF(state = 'free', ?, member_id),
        version = IF(state = 'free', version + 1, version),
        claim_ends = IF(state = 'free', ${ends}, claim_ends),
        state = IF(state = 'free', 'claimed', state)`,
    values: [claim.key, claim.token, memberId, claimMicroseconds, claim.token, memberId, claimMicroseconds],
  };
}

export function readRow(schema: string, key: string): Statement {
  return {
    sql: `SELECT identifier_key, state, token, member_id, version, claim_ends < UTC_TIMESTAMP(6) AS claim_expired
      FROM ${schema}.directory WHERE identifier_key = ?`,
    values: [key],
  };
}
