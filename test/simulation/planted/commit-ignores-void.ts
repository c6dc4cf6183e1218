import type { Plant } from './plant.ts';

export const commitIgnoresVoid: Plant = {
  name: 'commit-ignores-void',
  what: 'A commit does not look at whether its tokens were voided.',
  invariants: ['I1', 'I4'],
  theme: 'contended',
  isRare: true,
  patches: [
    {
      file: 'functions/adapters/memory/member-store.ts',
      find: 'tables.token.has(token) || ',
      replace: '',
    },
  ],
};
