/**
 * Directory rows as an ended epoch left them. Atomic: compared by version in the statement that changes them; a row that
 * is as new or newer stays, and so does one that says the same already.
 *
 * Assignments are carried out from left to right, each seeing those before it: the version decides, and comes first.
 */
import type { PlacedRow } from '../../../core/failover/ports.ts';
import type { RegistrationRecord } from '../../../core/member/ports.ts';
import type { Statement } from '../database.ts';

/** Rows of one slot. */
export const placeRows = (schema: string, rows: readonly PlacedRow[]): Statement => ({
  sql: `INSERT INTO ${schema}.directory (identifier_key, state, token, member_id, version, claim_ends)
    VALUES ${rows.map(() => '(?, ?, ?, ?, ?, UTC_TIMESTAMP(6))').join(', ')}
    ON DUPLICATE KEY UPDATE
      version = IF(VALUES(version) > version AND NOT (state = VALUES(state) AND token = VALUES(token)),
        VALUES(version), version),
      state = IF(version = VALUES(version), VALUES(state), state),
      token = IF(version = VALUES(version), VALUES(token), token),
      member_id = IF(version = VALUES(version), VALUES(member_id), member_id)`,
  values: rows.flatMap(({ key, state, token, memberId, version }) => [key, state, token, memberId, version]),
});

/** Registration records of one slot: those that stand stay. */
export const placeRegistrations = (schema: string, records: readonly RegistrationRecord[]): Statement => ({
  sql: `INSERT INTO ${schema}.registration (caller, idempotency_key, request_hash, member_id, begun_at)
    VALUES ${records.map(() => '(?, ?, ?, ?, UTC_TIMESTAMP(6))').join(', ')}
    ON DUPLICATE KEY UPDATE caller = caller`,
  values: records.flatMap(({ caller, key, requestHash, memberId }) => [caller, key, requestHash, memberId]),
});
