/** The rows that a schema starts with. Those that stand are left alone. */
import type { RegisteredEpoch } from '../../../core/failover/ports.ts';
import type { Statement } from '../database.ts';

export type OpeningEpoch = RegisteredEpoch;

/** No lease yet: a database cluster opens by obtaining a first one. */
const longAgo = '2000-01-01 00:00:00';

export function clusterRows(control: string, { epoch, centre }: OpeningEpoch): readonly Statement[] {
  return [
    {
      sql: `INSERT INTO ${control}.epoch (id, epoch, centre) VALUES (1, ?, ?) ON DUPLICATE KEY UPDATE id = id`,
      values: [epoch, centre],
    },
    {
      sql: `INSERT INTO ${control}.write_lease (id, valid_until) VALUES (1, ?) ON DUPLICATE KEY UPDATE id = id`,
      values: [longAgo],
    },
    {
      sql: `INSERT INTO ${control}.heartbeat (id, beat, beat_at) VALUES (1, 0, ?) ON DUPLICATE KEY UPDATE id = id`,
      values: [longAgo],
    },
    {
      sql: `INSERT INTO ${control}.token_mark (id, oldest_day) VALUES (1, 0) ON DUPLICATE KEY UPDATE id = id`,
    },
  ];
}

export function journalRows(schema: string, { epoch, centre }: OpeningEpoch): readonly Statement[] {
  return [
    {
      sql: `INSERT INTO ${schema}.register (id, epoch, centre, longest_promise_ms) VALUES (1, ?, ?, 0)
        ON DUPLICATE KEY UPDATE id = id`,
      values: [epoch, centre],
    },
  ];
}
