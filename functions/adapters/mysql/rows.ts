/** Reading what a SELECT answered: a column that is missing or of another type is a broken statement. */
import { invariant } from '../../core/kernel/invariant.ts';
import type { Backlog } from '../../core/propagation/ports.ts';
import type { Row, StatementResult } from './database.ts';

export function text(row: Row, column: string): string {
  const value = row[column];
  invariant(typeof value === 'string', `column ${column} is no text`);
  return value;
}

export function integer(row: Row, column: string): number {
  const value = row[column];
  invariant(Number.isSafeInteger(value), `column ${column} is no safe integer`);
  return value as number;
}

export function oneOf<const T extends string>(row: Row, column: string, values: readonly T[]): T {
  const value = text(row, column);
  invariant(values.includes(value as T), `column ${column} has an unknown value`);
  return value as T;
}

export const backlogIn = (row: Row): Backlog => ({
  waiting: integer(row, 'waiting'),
  oldestMs: integer(row, 'oldest_ms'),
});

/** The result of the statement at `index`, which must have been sent. */
export function resultAt(results: readonly StatementResult[], index: number): StatementResult {
  const result = results[index];
  invariant(result, `no result of statement ${index}`);
  return result;
}

/** The first row of the statement at `index`, if it found one. */
export function rowAt(results: readonly StatementResult[], index: number): Row | undefined {
  return resultAt(results, index).rows[0];
}
