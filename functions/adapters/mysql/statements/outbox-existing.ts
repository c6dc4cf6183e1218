/** Which changes have an outbox row. A plain read. */
import type { Statement } from '../database.ts';
import { controlSchema } from '../schema/names.ts';

export const existingInOutbox = (
  databaseCluster: string,
  changes: readonly { readonly memberId: string; readonly version: number }[],
): Statement => ({
  sql: `SELECT member_id, version FROM ${controlSchema(databaseCluster)}.outbox WHERE (member_id, version) IN (?)`,
  values: [changes.map(({ memberId, version }) => [memberId, version])],
});
