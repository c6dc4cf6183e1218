/** The versions of directory rows, of several slots at once, as the asked server shows them. A plain read. */
import type { Statement } from '../database.ts';

export const versionsInDirectory = (
  slots: readonly { readonly schema: string; readonly keys: readonly string[] }[],
): Statement => ({
  sql: slots
    .map(
      ({ schema }) => `SELECT identifier_key, version FROM ${schema}.directory WHERE identifier_key IN (?)`,
    )
    .join(' UNION ALL '),
  values: slots.map(({ keys }) => keys),
});
