/** Single statements, none of whose refusals anybody acts upon: each is a dependency that did not answer. */
import type { Deadline } from '../../core/kernel/clock.ts';
import { DependencyUnavailable, invariant } from '../../core/kernel/invariant.ts';
import { clusterOf } from './clusters.ts';
import {
  type Database,
  type DatabaseClusters,
  type Row,
  type Statement,
  StatementRefused,
  type StatementResult,
} from './database.ts';
import { resultAt } from './rows.ts';

/** The most rows that one statement names or answers with. */
export const rowsMax = 1000;

export function boundRows<T>(rows: readonly T[]): readonly T[] {
  invariant(rows.length <= rowsMax, `${rows.length} rows at once, more than ${rowsMax}`);
  return rows;
}

export function replicaOf(clusters: DatabaseClusters, databaseCluster: string, replica: string): Database {
  const found = clusterOf(clusters, databaseCluster).replicas[replica];
  invariant(found, `no replica ${replica} of database cluster ${databaseCluster} in the configuration`);
  return found;
}

async function runPlainly(
  database: Database,
  statements: readonly Statement[],
  deadline: Deadline,
): Promise<readonly StatementResult[]> {
  try {
    return await database.run(statements, deadline);
  } catch (error) {
    throw error instanceof StatementRefused ? new DependencyUnavailable(database.name, error) : error;
  }
}

/** The rows of one plain read. */
export async function readRows(
  database: Database,
  statement: Statement,
  deadline: Deadline,
): Promise<readonly Row[]> {
  return resultAt(await runPlainly(database, [statement], deadline), 0).rows;
}

/** How many rows one statement affected: those it found, whether or not it changed them. */
export async function affect(database: Database, statement: Statement, deadline: Deadline): Promise<number> {
  return resultAt(await runPlainly(database, [statement], deadline), 0).affectedRows;
}

/** The row that a table of one row must have. Without it the database was never prepared, or is damaged. */
export function onlyRow(rows: readonly Row[], database: Database, table: string): Row {
  const [row] = rows;
  if (!row) throw new DependencyUnavailable(database.name, new Error(`its table ${table} has no row`));
  return row;
}
