import type { Plant } from './plant.ts';

export const journalNotReadToItsEnd: Plant = {
  name: 'journal-not-read-to-its-end',
  what: 'A promotion carries out the first entry of the journal alone.',
  invariants: ['I3', 'I1'],
  theme: 'promoting',
  isRare: true,
  patches: [
    {
      file: 'functions/core/failover/recovery.ts',
      find: 'await journal.page(databaseCluster, after, pageRows, share(deadline))',
      replace: '(after > 0 ? [] : await journal.page(databaseCluster, after, 1, share(deadline)))',
    },
  ],
};
