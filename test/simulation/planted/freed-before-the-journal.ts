import type { Plant } from './plant.ts';

export const freedBeforeTheJournal: Plant = {
  name: 'freed-before-the-journal',
  what: 'What a change let go is free to take before the other centre is known to have the change.',
  invariants: ['I1', 'I4'],
  isRare: true,
  theme: 'promoting',
  patches: [
    {
      file: 'functions/core/propagation/settling.ts',
      find: "event.directory.filter(({ to }) => to === 'bound');",
      replace: 'event.directory;',
    },
    {
      file: 'functions/core/directory/claim.ts',
      find: "if (await outbox.awaitsJournal(databaseCluster, row.memberId, deadline)) return { kind: 'wait' };",
      replace: 'void outbox; void databaseCluster;',
    },
  ],
};
