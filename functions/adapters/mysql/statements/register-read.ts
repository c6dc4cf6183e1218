/** What the epoch register beside the journal holds. A plain read of one row. */
import type { Statement } from '../database.ts';
import { journalSchema } from '../schema/names.ts';

export const readRegister = (): Statement => ({
  sql: `SELECT epoch, centre, longest_promise_ms FROM ${journalSchema}.register WHERE id = 1`,
});
