import type { EpochRegister } from '../../core/failover/ports.ts';
import { centreNames } from '../../core/propagation/event.ts';
import type { Database } from './database.ts';
import { affect, onlyRow, readRows } from './plain-run.ts';
import { integer, oneOf } from './rows.ts';
import { raiseRegister } from './statements/register-raise.ts';
import { readRegister } from './statements/register-read.ts';
import { renewInRegister } from './statements/register-renew.ts';

/**
 * A centre's epoch register, in the row beside its journal that every append locks.
 * `renew` promises to exactly the epoch that it holds: a newer one has to be raised first.
 */
export function makeJournalEpochRegister(options: {
  readonly name: string;
  readonly database: Database;
}): EpochRegister {
  const { name, database } = options;
  return {
    name,

    async read(deadline) {
      const row = onlyRow(await readRows(database, readRegister(), deadline), database, 'register');
      return {
        epoch: integer(row, 'epoch'),
        centre: oneOf(row, 'centre', centreNames),
        longestPromiseMs: integer(row, 'longest_promise_ms'),
      };
    },

    async renew(epoch, lengthMs, deadline) {
      const affected = await affect(database, renewInRegister(epoch, lengthMs), deadline);
      return affected > 0 ? 'promised' : 'older-epoch';
    },

    async raise(epoch, deadline) {
      return (await affect(database, raiseRegister(epoch), deadline)) > 0 ? 'raised' : 'older-epoch';
    },
  };
}
