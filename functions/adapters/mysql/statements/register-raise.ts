/**
 * Raises the register, in one statement that compares and sets: of two centres that want the same epoch one gets it.
 * It takes the row for itself, and so waits for the appends that have it locked. Affected rows: 1 when it holds the
 * epoch now.
 */
import type { RegisteredEpoch } from '../../../core/failover/ports.ts';
import type { Statement } from '../database.ts';
import { journalSchema } from '../schema/names.ts';

export const raiseRegister = ({ epoch, centre }: RegisteredEpoch): Statement => ({
  sql: `UPDATE ${journalSchema}.register SET epoch = ?, centre = ?
    WHERE id = 1 AND (epoch < ? OR (epoch = ? AND centre = ?))`,
  values: [epoch, centre, epoch, epoch, centre],
});
