/**
 * Which outbox rows the asked server shows with the directory's last step done. A plain read of one view: the row and
 * its change come from one transaction, and the last step was struck off after it was made.
 */
import type { Statement } from '../database.ts';
import { controlSchema } from '../schema/names.ts';

export const shownInOutbox = (databaseCluster: string, sequences: readonly number[]): Statement => ({
  sql: `SELECT sequence FROM ${controlSchema(databaseCluster)}.outbox
    WHERE sequence IN (?) AND LOCATE(',directory,', pending) = 0`,
  values: [sequences],
});
