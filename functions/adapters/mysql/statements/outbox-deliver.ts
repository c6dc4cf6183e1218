/**
 * Strikes sinks off outbox rows. One statement, so that sinks struck off at once by several processes all go, and
 * so that a writer whose lease has ended strikes off nothing.
 */
import type { SinkName } from '../../../core/propagation/event.ts';
import type { Statement } from '../database.ts';
import { controlSchema } from '../schema/names.ts';
import { leaseStands } from './lease-stands.ts';

export function deliverInOutbox(
  databaseCluster: string,
  sequences: readonly number[],
  sinks: readonly SinkName[],
): Statement {
  const struckOff = sinks.reduce((pending) => `REPLACE(${pending}, ?, ',')`, 'pending');
  return {
    sql: `UPDATE ${controlSchema(databaseCluster)}.outbox SET pending = ${struckOff}
      WHERE sequence IN (?) AND ${leaseStands(databaseCluster)}`,
    values: [...sinks.map((sink) => `,${sink},`), sequences],
  };
}
