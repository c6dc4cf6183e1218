/**
 * Inserts a registration record or finds the one that stands there. Atomic: of all who begin under one (caller, key),
 * one inserts and the others read what it inserted, so that a retry never makes a second member. Its age counts from the
 * last of them.
 */
import type { Statement } from '../database.ts';
import { controlSchema } from '../schema/tables.ts';

export interface BegunRegistration {
  readonly caller: string;
  readonly key: string;
  readonly requestHash: string;
  readonly memberId: string;
}

export function beginRegistration(
  schema: string,
  databaseCluster: string,
  { caller, key, requestHash, memberId }: BegunRegistration,
): readonly Statement[] {
  return [
    {
      sql: `INSERT INTO ${schema}.registration (caller, idempotency_key, request_hash, member_id, begun_at)
        VALUES (?, ?, ?, ?, UTC_TIMESTAMP(6))
        ON DUPLICATE KEY UPDATE begun_at = UTC_TIMESTAMP(6)`,
      values: [caller, key, requestHash, memberId],
    },
    {
      sql: `SELECT r.member_id, r.request_hash, e.epoch
        FROM ${schema}.registration AS r JOIN ${controlSchema(databaseCluster)}.epoch AS e
        WHERE r.caller = ? AND r.idempotency_key = ? AND e.id = 1`,
      values: [caller, key],
    },
  ];
}
