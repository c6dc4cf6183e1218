/**
 * Settles a row. Atomic: compared by token *and* state in the statement that changes it, so that a late settling
 * cannot raise a row that was freed since, nor free one that was claimed anew.
 */
import type { DirectoryChange } from '../../../core/directory/directory.ts';
import type { Statement } from '../database.ts';

export function settleRow(schema: string, change: DirectoryChange, version: number | null): Statement {
  const from = change.to === 'bound' ? "state = 'claimed'" : "state IN ('claimed', 'bound')";
  return {
    sql: `UPDATE ${schema}.directory
      SET state = ?${version === null ? '' : ', version = GREATEST(version, ?)'}
      WHERE identifier_key = ? AND token = ? AND ${from}`,
    values: [change.to, ...(version === null ? [] : [version]), change.key, change.token],
  };
}
