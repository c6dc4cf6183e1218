import { randomUUID } from 'node:crypto';
import { makeJournalEpochRegister } from '../../../functions/adapters/mysql/epoch-register.ts';
import { makeJournal } from '../../../functions/adapters/mysql/journal.ts';
import { makeLedger } from '../../../functions/adapters/mysql/ledger.ts';
import { journalRows } from '../../../functions/adapters/mysql/schema/first-rows.ts';
import { journalSchema } from '../../../functions/adapters/mysql/schema/names.ts';
import type { RegisteredEpoch } from '../../../functions/core/failover/ports.ts';
import type { EpochRegisterSubject } from '../contract/epoch-register.ts';
import type { JournalSubject } from '../contract/journal.ts';
import { wallClock } from '../wall-clock.ts';
import { databaseOf, openHand } from './connections.ts';

/** A journal database of the test engines. Its register is put back at the end, and the entries go. */
export async function makeMysqlJournalSubject(
  initial: RegisteredEpoch,
): Promise<JournalSubject & EpochRegisterSubject> {
  const database = databaseOf('journal-b');
  const hand = await openHand('journal-b');
  const databaseCluster = `t${randomUUID().slice(0, 8)}`;
  const setRegister = (epoch: unknown, centre: unknown, longestPromiseMs: unknown) =>
    hand.sql(
      `UPDATE ${journalSchema}.register SET epoch = ?, centre = ?, longest_promise_ms = ?`,
      epoch,
      centre,
      longestPromiseMs,
    );
  await hand.run(...journalRows(journalSchema, initial));
  const [before] = await hand.sql(`SELECT * FROM ${journalSchema}.register`);
  await setRegister(initial.epoch, initial.centre, 0);
  return {
    journal: makeJournal({ database }),
    ledger: makeLedger({ database }),
    register: makeJournalEpochRegister({ name: 'register-b', database }),
    databaseCluster,
    clock: wallClock,
    async pass(ms) {
      await hand.sql(
        `UPDATE ${journalSchema}.entry SET appended_at = appended_at - INTERVAL ? MICROSECOND
          WHERE database_cluster = ?`,
        ms * 1000,
        databaseCluster,
      );
    },
    async end() {
      await hand.sql(
        `DELETE FROM ${journalSchema}.entry WHERE database_cluster LIKE ?`,
        `${databaseCluster}%`,
      );
      await setRegister(before?.epoch, before?.centre, before?.longest_promise_ms);
      await Promise.all([hand.end(), database.end()]);
    },
  };
}
