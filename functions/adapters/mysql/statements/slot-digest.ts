/**
 * A digest of all rows of slots, the same wherever the same rows are. A plain read of whole slots: for operators'
 * commands alone.
 */
import type { Statement } from '../database.ts';

const columns: Readonly<Record<string, string>> = {
  member: 'member_id, version, status, sealed',
  directory: 'identifier_key, state, token, member_id, version',
  token: 'token, outcome',
  registration: 'caller, idempotency_key, request_hash, member_id',
  idempotency: 'caller, idempotency_key, member_id, request_hash, version, epoch',
  history: 'member_id, version, entry',
};

export const digestOfSlots = (schemas: readonly string[]): Statement => ({
  sql: schemas
    .map((schema, index) => {
      const parts = Object.entries(columns).map(
        ([table, names]) =>
          `(SELECT CONCAT(COUNT(*), '.', COALESCE(BIT_XOR(CRC32(CONCAT_WS('#', ${names}))), 0)) FROM ${schema}.${table})`,
      );
      return `SELECT ${index} AS position, CAST(CONCAT_WS(' ', ${parts.join(', ')}) AS CHAR) AS digest`;
    })
    .join(' UNION ALL '),
});
