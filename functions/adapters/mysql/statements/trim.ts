/**
 * Trimming a slot. What is found and what is deleted are told by the same conditions, and the deletion decides: a
 * registration whose key came again meanwhile stays. Tokens go by the mark as it stands, and so never before it was
 * raised. Ordered by the index that has the age, so that rows of commits under way are neither read nor waited for.
 */
import type { Statement } from '../database.ts';
import { controlSchema } from '../schema/names.ts';

export interface TrimmedAges {
  readonly idempotencyMs: number;
  readonly registrationMs: number;
}

const olderThan = 'UTC_TIMESTAMP(6) - INTERVAL ? MICROSECOND';

function conditionsOf(databaseCluster: string, { idempotencyMs, registrationMs }: TrimmedAges) {
  const mark = `(SELECT m.oldest_day FROM ${controlSchema(databaseCluster)}.token_mark AS m WHERE m.id = 1)`;
  return [
    { table: 'token', column: 'day', below: mark, values: [] },
    { table: 'idempotency', column: 'committed_at', below: olderThan, values: [idempotencyMs * 1000] },
    { table: 'registration', column: 'begun_at', below: olderThan, values: [registrationMs * 1000] },
  ];
}

/** Which of the slots have anything to trim: a plain read, all that a round costs when there is nothing. */
export function findTrimmable(
  databaseCluster: string,
  slots: readonly { readonly slot: number; readonly schema: string }[],
  ages: TrimmedAges,
): Statement {
  const conditions = conditionsOf(databaseCluster, ages);
  const each = slots.map(({ slot, schema }) => {
    const exists = conditions.map(
      ({ table, column, below }) => `EXISTS (SELECT 1 FROM ${schema}.${table} WHERE ${column} < ${below})`,
    );
    return `SELECT ${slot} AS slot FROM DUAL WHERE ${exists.join(' OR ')}`;
  });
  return {
    sql: each.join(' UNION ALL '),
    values: slots.flatMap(() => conditions.flatMap(({ values }) => values)),
  };
}

/** One statement a table: each affects `rowsMax` rows when there may be more. */
export const trimSlot = (
  databaseCluster: string,
  schema: string,
  ages: TrimmedAges,
  rowsMax: number,
): readonly Statement[] =>
  conditionsOf(databaseCluster, ages).map(({ table, column, below, values }) => ({
    sql: `DELETE FROM ${schema}.${table} WHERE ${column} < ${below} ORDER BY ${column} LIMIT ?`,
    values: [...values, rowsMax],
  }));
