import { makeMemoryEpochRegister } from '../../../functions/adapters/memory/epoch-register.ts';
import { makeMemoryJournalAdapter } from '../../../functions/adapters/memory/journal.ts';
import { makeMemoryLedger } from '../../../functions/adapters/memory/ledger.ts';
import { makeMemoryJournal } from '../../../functions/adapters/memory/memory-journal.ts';
import { journalContract } from '../contract/journal.ts';
import { makeHandClock } from '../wall-clock.ts';

journalContract('memory', async () => {
  const clock = makeHandClock();
  const state = makeMemoryJournal(clock, { epoch: 4, centre: 'A' });
  return {
    journal: makeMemoryJournalAdapter({ name: 'journal-b', state }),
    ledger: makeMemoryLedger({ name: 'journal-b', state }),
    register: makeMemoryEpochRegister({ name: 'register-b', state: state.register }),
    databaseCluster: 'c0',
    clock,
    pass: async (ms) => clock.advance(ms),
    end: async () => {},
  };
});
