/** Writes the heartbeat. One statement, which changes nothing once the lease to write has ended. */
import type { Statement } from '../database.ts';
import { controlSchema } from '../schema/names.ts';

export const beatHeart = (databaseCluster: string): Statement => ({
  sql: `INSERT INTO ${controlSchema(databaseCluster)}.heartbeat (id, beat, beat_at)
    SELECT 1, 1, UTC_TIMESTAMP(6) FROM ${controlSchema(databaseCluster)}.write_lease AS l
    WHERE l.id = 1 AND l.valid_until > UTC_TIMESTAMP(6)
    ON DUPLICATE KEY UPDATE heartbeat.beat = heartbeat.beat + 1, heartbeat.beat_at = UTC_TIMESTAMP(6)`,
});
