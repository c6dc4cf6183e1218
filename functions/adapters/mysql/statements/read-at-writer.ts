/**
 * Reads at a writer that must still be the writer. Each is a single statement, and so one consistent view: what it
 * shows of the rows and of the lease is of the same moment. No row: this is not the writer (any more).
 */
import type { Statement } from '../database.ts';
import { controlSchema } from '../schema/names.ts';

/**
 * Rows of (epoch, the joined columns) if the lease to write stands and the slot is here; else none. With a LEFT JOIN
 * there is one at least.
 */
export function atWriter(
  { databaseCluster, slot }: AtWriter,
  columns: string,
  joins: Statement,
  tail: Statement = { sql: '' },
): Statement {
  const control = controlSchema(databaseCluster);
  return {
    sql: `SELECT e.epoch, ${columns}
      FROM ${control}.epoch AS e
      JOIN ${control}.write_lease AS l ON l.id = 1 AND l.valid_until > UTC_TIMESTAMP(6)
      JOIN ${control}.slot AS s ON s.slot = ? AND s.state = 'here'
      ${joins.sql}
      WHERE e.id = 1 ${tail.sql}`,
    values: [slot, ...(joins.values ?? []), ...(tail.values ?? [])],
  };
}

export interface AtWriter {
  readonly databaseCluster: string;
  readonly slot: number;
  readonly schema: string;
}

export function readMemberAtWriter(
  at: AtWriter,
  memberId: string,
  idempotency: { readonly caller: string; readonly key: string } | null,
): Statement {
  const { schema } = at;
  return atWriter(
    at,
    `m.member_id, m.version, m.status, m.sealed,
      i.request_hash, i.version AS repeat_version, i.epoch AS repeat_epoch`,
    {
      sql: `LEFT JOIN ${schema}.member AS m ON m.member_id = ?
        LEFT JOIN ${schema}.idempotency AS i ON i.caller = ? AND i.idempotency_key = ? AND i.member_id = ?`,
      values: [memberId, idempotency?.caller ?? null, idempotency?.key ?? null, memberId],
    },
  );
}

export function readIdentifierAtWriter(at: AtWriter, key: string): Statement {
  return atWriter(at, 'd.state, d.token, d.member_id, d.version', {
    sql: `LEFT JOIN ${at.schema}.directory AS d ON d.identifier_key = ?`,
    values: [key],
  });
}
