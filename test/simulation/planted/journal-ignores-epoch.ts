import type { Plant } from './plant.ts';

export const journalIgnoresEpoch: Plant = {
  name: 'journal-ignores-epoch',
  what: 'The journal takes appends of an epoch that was closed: they come after a promotion has read it to its end.',
  invariants: ['I3', 'I5'],
  patches: [
    {
      file: 'functions/adapters/memory/journal.ts',
      find: "if (!isSameEpoch(state.register.held, writer)) return 'refused';",
      replace: '',
    },
  ],
};
