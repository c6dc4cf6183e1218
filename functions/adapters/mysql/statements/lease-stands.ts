import { controlSchema } from '../schema/names.ts';

/** A condition: the database cluster's lease to write has not ended when the statement begins. Locks nothing. */
export const leaseStands = (databaseCluster: string): string =>
  `EXISTS (
    SELECT 1 FROM ${controlSchema(databaseCluster)}.write_lease AS l
    WHERE l.id = 1 AND l.valid_until > UTC_TIMESTAMP(6)
  )`;
