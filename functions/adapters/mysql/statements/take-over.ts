/** Takes a row over. Atomic: compare and set, by token, state and version; of all who try, one matches the row. */
import type { DirectoryRow } from '../../../core/directory/directory.ts';
import type { Claim } from '../../../core/directory/ports.ts';
import type { Statement } from '../database.ts';

export function takeOverRow(
  schema: string,
  seen: DirectoryRow,
  memberId: string,
  claim: Claim,
  version: number,
  claimMs: number,
): Statement {
  return {
    sql: `UPDATE ${schema}.directory
      SET token = ?, member_id = ?, version = ?, state = 'claimed',
        claim_ends = UTC_TIMESTAMP(6) + INTERVAL ? MICROSECOND
      WHERE identifier_key = ? AND token = ? AND state = ? AND version = ?`,
    values: [
      claim.token,
      memberId,
      version,
      Math.round(claimMs * 1000),
      seen.key,
      seen.token,
      seen.state,
      seen.version,
    ],
  };
}
