import { controlSchema } from '../schema/names.ts';

/** The columns of an outbox row as readers take them. The rows are those of `outbox`, under that name. */
export const outboxRowColumns = (databaseCluster: string): string => `sequence, event, pending,
  (SELECT COUNT(*) FROM ${controlSchema(databaseCluster)}.outbox AS older
    WHERE older.member_id = outbox.member_id AND older.version < outbox.version) AS older_rows`;
