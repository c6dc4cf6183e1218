/** Deletes journal entries. One statement. */
import type { Statement } from '../database.ts';
import { journalSchema } from '../schema/names.ts';

export const trimJournal = (
  databaseCluster: string,
  changes: readonly { readonly memberId: string; readonly version: number }[],
): Statement => ({
  sql: `DELETE FROM ${journalSchema}.entry WHERE database_cluster = ? AND (member_id, version) IN (?)`,
  values: [databaseCluster, changes.map(({ memberId, version }) => [memberId, version])],
});
