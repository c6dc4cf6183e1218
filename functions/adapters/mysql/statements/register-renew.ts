/**
 * Promises, for exactly the epoch that the register holds. One statement: whoever raises the register and then reads
 * the longest promise sees every promise that was ever given. Affected rows: 1 when promised.
 */
import type { RegisteredEpoch } from '../../../core/failover/ports.ts';
import type { Statement } from '../database.ts';
import { journalSchema } from '../schema/names.ts';

export const renewInRegister = ({ epoch, centre }: RegisteredEpoch, lengthMs: number): Statement => ({
  sql: `UPDATE ${journalSchema}.register SET longest_promise_ms = GREATEST(longest_promise_ms, ?)
    WHERE id = 1 AND epoch = ? AND centre = ?`,
  values: [Math.ceil(lengthMs), epoch, centre],
});
