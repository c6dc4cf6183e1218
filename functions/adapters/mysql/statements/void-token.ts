/**
 * Decides a token as void unless it is decided already. Atomic by the token's unique key: a commit that writes the
 * same token as used either came first, and is waited for and read here, or fails on this row. A token below the
 * trimming mark is not written: what was decided about it may have been trimmed.
 */
import { dayOfToken } from '../../../core/kernel/ids.ts';
import type { Statement } from '../database.ts';
import { controlSchema } from '../schema/names.ts';

export function voidToken(schema: string, databaseCluster: string, token: string): readonly Statement[] {
  const control = controlSchema(databaseCluster);
  return [
    {
      sql: `INSERT INTO ${schema}.token (token, outcome, day)
        SELECT ?, 'void', ? FROM ${control}.token_mark AS m WHERE m.id = 1 AND m.oldest_day <= ?
        ON DUPLICATE KEY UPDATE outcome = outcome`,
      values: [token, dayOfToken(token), dayOfToken(token)],
    },
    {
      sql: `SELECT IF(m.oldest_day > ?, 'trimmed', t.outcome) AS outcome
        FROM ${control}.token_mark AS m LEFT JOIN ${schema}.token AS t ON t.token = ?
        WHERE m.id = 1`,
      values: [dayOfToken(token), token],
    },
  ];
}
