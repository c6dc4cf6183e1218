/**
 * What stores are compared by, of one slot: the digest of each part, and the ids of some parts with their stamps. The marks
 * are those of `core/propagation/digests.ts`, to the bit. A plain read of the whole slot, and so one consistent view.
 */
import { type DigestKind, pairsMax, partsCount } from '../../../core/propagation/digests.ts';
import type { Statement } from '../database.ts';

const columns = {
  members: { table: 'member', id: 'member_id', stamp: 'version', condition: 'TRUE' },
  identifiers: {
    table: 'directory',
    id: 'identifier_key',
    stamp: 'token',
    condition: "state = 'bound'",
  },
} as const satisfies Record<DigestKind, object>;

/** Rows of (part, count, sum); a part without anything has none. */
export function digestParts(schema: string, kind: DigestKind): Statement {
  const { table, id, stamp, condition } = columns[kind];
  const text = `CONCAT(${id}, ' ', ${stamp})`;
  return {
    sql: `SELECT CRC32(${id}) & ? AS part, COUNT(*) AS count,
        CAST(SUM(CRC32(CONCAT(${text}, ' ', CRC32(${text})))) AS UNSIGNED) AS sum
      FROM ${schema}.${table} WHERE ${condition} GROUP BY part`,
    values: [partsCount - 1],
  };
}

/** Rows of (id, stamp), both as texts; one more than may be. */
export function pairsOfParts(schema: string, kind: DigestKind, parts: readonly number[]): Statement {
  const { table, id, stamp, condition } = columns[kind];
  return {
    sql: `SELECT ${id} AS id, CAST(${stamp} AS CHAR) AS stamp
      FROM ${schema}.${table} WHERE ${condition} AND CRC32(${id}) & ? IN (?) LIMIT ?`,
    values: [partsCount - 1, parts, pairsMax + 1],
  };
}
