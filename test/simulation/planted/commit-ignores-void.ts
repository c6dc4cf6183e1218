import type { Plant } from './plant.ts';

/** A commit does not look at whether its tokens were voided. */
export const commitIgnoresVoid: Plant = {
  name: 'commit-ignores-void',
  invariants: ['I1', 'I4'],
  isRare: true,
  patches: [
    {
      file: 'functions/adapters/memory/member-store.ts',
      find: 'tables.token.has(token) || ',
      replace: '',
    },
  ],
};
