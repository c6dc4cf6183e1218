/**
 * Guards: statements at the head of a transaction that make the server refuse all of it when a condition does not
 * hold. A guard adds 1 to the largest BIGINT, which is an error in every SQL mode; nothing has to be evaluated lazily,
 * nothing is written, and no lock is taken.
 */
import type { Statement } from './database.ts';
import { controlSchema } from './schema/names.ts';

/** Ends the transaction with {@link StatementRefused} `guard` unless `condition` (SQL) is true. NULL counts as false. */
export function failUnless(condition: string, values: readonly unknown[]): Statement {
  return { sql: `SELECT 9223372036854775807 + IF(${condition}, 0, 1) AS guard`, values };
}

export interface WriterGuard {
  /** The epoch that must be open. Without it: whatever epoch stands there. */
  readonly epoch?: number;
  /** Slots that must be here. */
  readonly slots: readonly number[];
}

/**
 * The head of every transaction that changes anything: this database still is the writer. The rows of epoch, trimming
 * mark and slots are locked in share mode: who closes the epoch, trims or moves a slot waits for this transaction,
 * and whoever comes after sees the change. Only then is the lease looked at, by a statement with a time of its own.
 */
export function writerGuard(databaseCluster: string, { epoch, slots }: WriterGuard): readonly Statement[] {
  const control = controlSchema(databaseCluster);
  const distinctSlots = [...new Set(slots)];
  const conditions = [
    `(SELECT COUNT(*) FROM ${control}.epoch AS e JOIN ${control}.write_lease AS l
      WHERE e.id = 1 AND l.id = 1 AND l.valid_until > UTC_TIMESTAMP(6)${epoch === undefined ? '' : ' AND e.epoch = ?'}) = 1`,
  ];
  const values: unknown[] = epoch === undefined ? [] : [epoch];
  if (distinctSlots.length > 0) {
    conditions.push(`(SELECT COUNT(*) FROM ${control}.slot WHERE slot IN (?) AND state = 'here') = ?`);
    values.push(distinctSlots, distinctSlots.length);
  }
  return [lockWriter(databaseCluster, distinctSlots), failUnless(conditions.join(' AND '), values)];
}

/** The first half of the guard alone, for who looks at epoch, slots and lease in a statement of its own. */
export function lockWriter(databaseCluster: string, distinctSlots: readonly number[]): Statement {
  const control = controlSchema(databaseCluster);
  if (distinctSlots.length === 0)
    return { sql: `SELECT id FROM ${control}.epoch WHERE id = 1 LOCK IN SHARE MODE` };
  return {
    sql: `SELECT e.id
      FROM ${control}.epoch AS e JOIN ${control}.token_mark AS m JOIN ${control}.slot AS s
      WHERE e.id = 1 AND m.id = 1 AND s.slot IN (?) LOCK IN SHARE MODE`,
    values: [distinctSlots],
  };
}
