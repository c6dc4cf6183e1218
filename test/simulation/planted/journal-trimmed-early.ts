import type { Plant } from './plant.ts';

export const journalTrimmedEarly: Plant = {
  name: 'journal-trimmed-early',
  what: 'A journal entry goes once every sink has the change, whether or not every replica shows it.',
  invariants: ['I3'],
  patches: [
    {
      file: 'functions/core/propagation/outbox-worker.ts',
      find: 'trim(databaseCluster, events, deadline)',
      replace: 'trim(databaseCluster, rows.map((row) => row.event), deadline)',
    },
  ],
};
