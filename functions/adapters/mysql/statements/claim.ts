/**
 * Claims directory rows. Atomic: a row that is absent or free becomes claimed by exactly one of all who try, and what
 * is read back is what this transaction left there (the rows are still locked).
 *
 * Assignments are carried out from left to right, each seeing those before it: the state must come last.
 */
import type { MembersClaim } from '../../../core/directory/ports.ts';
import type { Statement } from '../database.ts';

/** Claims rows of one slot, in the order given. */
export function claimRows(schema: string, claims: readonly MembersClaim[], claimMs: number): Statement {
  const row = "(?, 'claimed', ?, ?, 1, UTC_TIMESTAMP(6) + INTERVAL ? MICROSECOND)";
  const claimMicroseconds = Math.round(claimMs * 1000);
  return {
    sql: `INSERT INTO ${schema}.directory (identifier_key, state, token, member_id, version, claim_ends)
      VALUES ${claims.map(() => row).join(', ')}
      ON DUPLICATE KEY UPDATE
        token = IF(state = 'free', VALUES(token), token),
        member_id = IF(state = 'free', VALUES(member_id), member_id),
        version = IF(state = 'free', version + 1, version),
        claim_ends = IF(state = 'free', VALUES(claim_ends), claim_ends),
        state = IF(state = 'free', 'claimed', state)`,
    values: claims.flatMap(({ key, token, memberId }) => [key, token, memberId, claimMicroseconds]),
  };
}

/** Reads rows of several slots, in any order. */
export function readRows(
  slots: readonly { readonly schema: string; readonly keys: readonly string[] }[],
): Statement {
  const ofSlot = (schema: string): string =>
    `SELECT identifier_key, state, token, member_id, version, claim_ends < UTC_TIMESTAMP(6) AS claim_expired
      FROM ${schema}.directory WHERE identifier_key IN (?)`;
  return {
    sql: slots.map(({ schema }) => ofSlot(schema)).join(' UNION ALL '),
    values: slots.map(({ keys }) => keys),
  };
}
