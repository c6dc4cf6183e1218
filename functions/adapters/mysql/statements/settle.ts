/**
 * Settles rows. Atomic: compared by token *and* state in the statement that changes them, so that a late settling
 * cannot raise a row that was freed since, nor free one that was claimed anew.
 */
import type { DirectoryChange } from '../../../core/directory/directory.ts';
import type { Statement } from '../database.ts';

/** Settles rows of one slot, all towards the same end. */
export function settleRows(
  schema: string,
  to: DirectoryChange['to'],
  changes: readonly DirectoryChange[],
  version: number | null,
): Statement {
  const from = to === 'bound' ? "state = 'claimed'" : "state IN ('claimed', 'bound')";
  const keys = changes.map(({ key }) => key);
  // The pairs decide; the keys alone are what every server looks rows up by.
  const pairs = changes.map(({ key, token }) => [key, token]);
  return {
    sql: `UPDATE ${schema}.directory
      SET state = ?${version === null ? '' : ', version = GREATEST(version, ?)'}
      WHERE identifier_key IN (?) AND (identifier_key, token) IN (?) AND ${from}`,
    values: [to, ...(version === null ? [] : [version]), keys, pairs],
  };
}
