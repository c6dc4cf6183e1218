/**
 * Inserts registration records or finds those that stand there. Atomic: of all who begin under one (caller, key), one
 * inserts and the others read what it inserted, so that a retry never makes a second member. The age of a
 * record counts from the last of them.
 */
import type { RegistrationRecord } from '../../../core/member/ports.ts';
import type { Statement } from '../database.ts';
import { controlSchema } from '../schema/names.ts';

/** Records of one slot. */
export function beginRegistrations(schema: string, records: readonly RegistrationRecord[]): Statement {
  return {
    sql: `INSERT INTO ${schema}.registration (caller, idempotency_key, request_hash, member_id, begun_at)
      VALUES ${records.map(() => '(?, ?, ?, ?, UTC_TIMESTAMP(6))').join(', ')}
      ON DUPLICATE KEY UPDATE begun_at = UTC_TIMESTAMP(6)`,
    values: records.flatMap(({ caller, key, requestHash, memberId }) => [caller, key, requestHash, memberId]),
  };
}

/** What stands there, of several slots of one database cluster, in any order. */
export function readRegistrations(
  databaseCluster: string,
  slots: readonly { readonly schema: string; readonly records: readonly RegistrationRecord[] }[],
): Statement {
  return {
    sql: slots
      .map(
        ({ schema, records }) => `SELECT r.caller, r.idempotency_key, r.member_id, r.request_hash, e.epoch
          FROM ${schema}.registration AS r JOIN ${controlSchema(databaseCluster)}.epoch AS e
          WHERE e.id = 1
            AND (${records.map(() => '(r.caller = ? AND r.idempotency_key = ?)').join(' OR ')})`,
      )
      .join(' UNION ALL '),
    values: slots.flatMap(({ records }) => records.flatMap(({ caller, key }) => [caller, key])),
  };
}
