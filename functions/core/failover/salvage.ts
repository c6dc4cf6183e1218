/**
 * What only the lost centre had: changes that its old writer committed, and neither replicated nor wrote into the other
 * centre's journal. Some of them were acknowledged, as `one-centre`; nobody but their callers knows which. They are listed
 * in the loss ledger with all that they were, for people to judge; none is carried out: others may have taken their
 * identifiers since. To be read before the old writer is built anew.
 */
import type { Deadline } from '../kernel/clock.ts';
import type { Outbox } from '../propagation/ports.ts';
import { journalSink } from '../propagation/propagate.ts';
import type { Ledger, RecoveryStore } from './ports.ts';

export interface SalvagePorts {
  /** At the old writer, which need not hold a lease. */
  readonly outbox: Pick<Outbox, 'due'>;
  /** At the writer of `epoch`. */
  readonly recovery: Pick<RecoveryStore, 'missing'>;
  readonly ledger: Pick<Ledger, 'record'>;
}

const pageRows = 200;

/** @returns how many it found */
export type Salvage = (databaseCluster: string, epoch: number, deadline: Deadline) => Promise<number>;

export function makeSalvage({ outbox, recovery, ledger }: SalvagePorts): Salvage {
  return async (databaseCluster, epoch, deadline) => {
    let found = 0;
    for (let after = 0; ; ) {
      const rows = await outbox.due(databaseCluster, 0, after, pageRows, deadline);
      const last = rows.at(-1);
      if (!last) return found;
      after = last.sequence;
      const alone = rows.filter(({ pending }) => pending.includes(journalSink)).map(({ event }) => event);
      const missing = await recovery.missing(databaseCluster, alone, deadline);
      await ledger.record(
        missing.map((event) => ({ epoch, databaseCluster, kind: 'one-centre', event })),
        deadline,
      );
      found += missing.length;
    }
  };
}
