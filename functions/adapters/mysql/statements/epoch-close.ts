/**
 * Closes a database cluster to every epoch before this one. One transaction that takes the epoch's row for itself before
 * anything else: it waits for every commit under way, and every later one sees what it left. All of it happens only while
 * the row has an older epoch, so that a late repeat ends no lease of the new one.
 *
 * The outbox's counter is moved by a row that goes again in the same transaction: counters are never rolled back, and
 * the service may not change tables.
 */
import { firstSequenceOf } from '../../../core/failover/epoch.ts';
import type { RegisteredEpoch } from '../../../core/failover/ports.ts';
import type { Statement } from '../database.ts';
import { failUnless } from '../guard.ts';
import { controlSchema } from '../schema/names.ts';

export function guardClosing(
  databaseCluster: string,
  { epoch, centre }: RegisteredEpoch,
): readonly Statement[] {
  const control = controlSchema(databaseCluster);
  return [
    { sql: `SELECT id FROM ${control}.epoch WHERE id = 1 FOR UPDATE` },
    failUnless(
      `EXISTS (SELECT 1 FROM ${control}.epoch AS e
        WHERE e.id = 1 AND (e.epoch < ? OR (e.epoch = ? AND e.centre = ?)))`,
      [epoch, epoch, centre],
    ),
  ];
}

export function closeEpoch(
  databaseCluster: string,
  { epoch, centre }: RegisteredEpoch,
  redises: readonly string[],
): readonly Statement[] {
  const control = controlSchema(databaseCluster);
  const isOlder = `SELECT 1 FROM ${control}.epoch AS e WHERE e.id = 1 AND e.epoch < ?`;
  const sequence = firstSequenceOf(epoch);
  return [
    {
      sql: `UPDATE ${control}.write_lease SET valid_until = '2000-01-01 00:00:00' WHERE id = 1 AND EXISTS (${isOlder})`,
      values: [epoch],
    },
    ...redises.map((redis) => ({
      sql: `INSERT INTO ${control}.redis_grant (redis, grant_ends, suspended, relied_count)
        SELECT ?, UTC_TIMESTAMP(6), 1, 1 FROM ${control}.epoch AS e WHERE e.id = 1 AND e.epoch < ?
        ON DUPLICATE KEY UPDATE redis_grant.suspended = 1, redis_grant.relied_count = redis_grant.relied_count + 1`,
      values: [redis, epoch],
    })),
    {
      sql: `INSERT INTO ${control}.outbox (sequence, member_id, version, pending, event, committed_at)
        SELECT ?, 'counter', ?, ',', '', UTC_TIMESTAMP(6) FROM ${control}.epoch AS e WHERE e.id = 1 AND e.epoch < ?`,
      values: [sequence, epoch, epoch],
    },
    { sql: `DELETE FROM ${control}.outbox WHERE sequence = ? AND member_id = 'counter'`, values: [sequence] },
    {
      sql: `UPDATE ${control}.epoch SET epoch = ?, centre = ? WHERE id = 1 AND epoch < ?`,
      values: [epoch, centre, epoch],
    },
  ];
}
