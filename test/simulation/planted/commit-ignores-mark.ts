import type { Plant } from './plant.ts';

export const commitIgnoresMark: Plant = {
  name: 'commit-ignores-mark',
  what: 'A commit does not look at the trimming mark: the void that stood in its way may be trimmed.',
  invariants: ['I1', 'I4'],
  theme: 'late',
  patches: [
    {
      file: 'functions/adapters/memory/member-store.ts',
      find: ' || dayOfToken(token) < tables.control.oldestTokenDay',
      replace: '',
    },
  ],
};
