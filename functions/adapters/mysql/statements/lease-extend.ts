/**
 * Extends the lease to write. One transaction that holds the epoch's row in share mode: whoever closes the epoch
 * waits for it, and after that no extension of the closed epoch comes through. The lease never gets shorter.
 */
import type { RegisteredEpoch } from '../../../core/failover/ports.ts';
import type { Statement } from '../database.ts';
import { failUnless } from '../guard.ts';
import { controlSchema } from '../schema/names.ts';

export function guardEpoch(
  databaseCluster: string,
  { epoch, centre }: RegisteredEpoch,
): readonly Statement[] {
  const schema = controlSchema(databaseCluster);
  return [
    { sql: `SELECT id FROM ${schema}.epoch WHERE id = 1 LOCK IN SHARE MODE` },
    failUnless(
      `EXISTS (SELECT 1 FROM ${schema}.epoch AS e WHERE e.id = 1 AND e.epoch = ? AND e.centre = ?)`,
      [epoch, centre],
    ),
  ];
}

export const extendLease = (databaseCluster: string, readAt: string, lengthMs: number): Statement => ({
  sql: `UPDATE ${controlSchema(databaseCluster)}.write_lease
    SET valid_until = GREATEST(valid_until, CAST(? AS DATETIME(6)) + INTERVAL ? MICROSECOND)
    WHERE id = 1`,
  values: [readAt, Math.floor(lengthMs * 1000)],
});
